"""Checks the installed packages for known vulnerabilities with pip-audit; `make check` runs this.

    python tests/audit.py [options of pip-audit, such as --ignore-vuln ID]

Exit status 1 if a package is vulnerable. What cannot be checked, for want of a network for example, is reported on
standard error, and is no failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

COMMAND = (sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--timeout", "10")


def audit(command: Sequence[str]) -> int:
    """Run pip-audit, print what it finds, and return the exit status."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        print(f"THE PACKAGES ARE NOT CHECKED FOR VULNERABILITIES: pip-audit failed ({reason})", file=sys.stderr)
        return 0
    if skipped := [each["name"] for each in packages if "skip_reason" in each]:
        count = f"{len(skipped)} OF {len(packages)} PACKAGES ARE NOT CHECKED FOR VULNERABILITIES"
        print(f"{count}: the package index does not list them ({', '.join(skipped[:5])} …)", file=sys.stderr)
    found = [(each, vulnerability) for each in packages for vulnerability in each.get("vulns", [])]
    for each, vulnerability in found:
        mended = ", ".join(vulnerability["fix_versions"]) or "no version"
        print(f"{each['name']} {each['version']} is vulnerable: {vulnerability['id']}, mended in {mended}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(audit([*COMMAND, *sys.argv[1:]]))
