"""The gap map of one service: who is beyond 15 minutes of it, community by community.

    python scripts/gap_map_of_one_service.py study.toml health-station gap.png

The map shades each community by the share of its residents within reach.
"""

import sys

import lifecircle as lc


def main(study_file: str, service: str, output: str) -> None:
    """Run the study, take one service's column of the community table, draw it."""
    result = lc.run(lc.Study.from_file(study_file))
    share = f"share_{service}"
    if share not in result.communities:
        known = sorted(
            name.removeprefix("share_") for name in result.communities if name.startswith("share_")
        )
        sys.exit(f"no rule of this study's plans is about {service!r}; there is: {', '.join(known)}")
    judged = result.communities.query("inside")
    drawn = judged.plot(column=share, cmap="cividis", vmin=0, vmax=1, legend=True, figsize=(9, 8))
    drawn.set_axis_off()
    drawn.set_title(share)
    drawn.figure.savefig(output, dpi=150)
    worst = judged.nsmallest(10, share)[["code", "name", "population", share]]
    print(worst.round(3).to_string(index=False))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except lc.InputError as error:
        sys.exit(str(error))
