"""``report.html`` and ``report.docx``."""
