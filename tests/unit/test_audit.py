"""What `make check` says of vulnerable packages, with commands of our own in place of pip-audit."""

import json
import sys

import pytest
from audit import audit

SOUND = {"name": "numpy", "version": "2.0.0", "vulns": []}
VULNERABLE = {"name": "pillow", "version": "10.0.0", "vulns": [{"id": "CVE-2023-50447", "fix_versions": ["10.2.0"]}]}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}


def printing(output="", error="", status=0):
    """A command that prints these texts and ends with this status."""
    code = f"import sys; print({output!r}); print({error!r}, file=sys.stderr); sys.exit({status})"
    return [sys.executable, "-c", code]


def report(*packages):
    return json.dumps({"dependencies": packages, "fixes": []})


def test_sound_packages_pass_in_silence(capsys):
    assert audit(printing(report(SOUND))) == 0
    assert capsys.readouterr() == ("", "")


def test_a_vulnerable_package_fails_and_is_named_with_the_version_that_mends_it(capsys):
    assert audit(printing(report(SOUND, VULNERABLE), status=1)) == 1
    out, err = capsys.readouterr()
    assert out == "pillow 10.0.0 is vulnerable: CVE-2023-50447, mended in 10.2.0\n"
    assert err == ""


def test_a_package_that_cannot_be_checked_is_named_and_no_failure(capsys):
    assert audit(printing(report(SOUND, UNKNOWN))) == 0
    assert capsys.readouterr().err.startswith("1 OF 2 PACKAGES ARE NOT CHECKED FOR VULNERABILITIES: ")
    assert audit(printing(report(UNKNOWN, VULNERABLE), status=1)) == 1


@pytest.mark.parametrize(
    ("output", "error"), [("", "ERROR: connection failed"), ("{}", "ERROR: connection failed"), ("[", "")]
)
def test_without_a_network_the_check_says_so_loudly_and_passes(capsys, output, error):
    assert audit(printing(output, error, status=1)) == 0
    err = capsys.readouterr().err
    assert err.startswith("THE PACKAGES ARE NOT CHECKED FOR VULNERABILITIES: pip-audit failed (")
    assert (error or "exit status 1") in err
