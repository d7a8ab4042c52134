"""The address at which others can open the page."""

import socket
from xml.etree import ElementTree

import pytest

from ae_demo.ui.components.topbar import join


def listening(host):
    return socket.create_server((host, 0))


def test_a_public_address_stays_and_a_long_one_loses_its_query():
    assert join.join("https://me-demo.hf.space/?tab=train#top")["address"] == "https://me-demo.hf.space/?tab=train"
    assert join.join("https://me-demo.hf.space/?x=" + 300 * "1")["address"] == "https://me-demo.hf.space/"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_server_on_the_loopback_interface_alone_cannot_be_joined(host):
    with listening("127.0.0.1") as server:
        assert join.join(f"http://{host}:{server.getsockname()[1]}/") is None


def test_a_server_on_all_interfaces_is_joined_at_its_address_in_the_network():
    with listening("0.0.0.0") as server:
        port = server.getsockname()[1]
        found = join.join(f"http://127.0.0.1:{port}/?tab=denoise")
        if found is None:
            pytest.skip("this machine is in no network")
        host, _, rest = found["address"].removeprefix("http://").partition(":")
        assert not join.is_loopback(host)
        assert rest == f"{port}/?tab=denoise"
        socket.create_connection((host, port), 1).close()
    assert ElementTree.fromstring(found["code"]).attrib["viewBox"] == "0 0 37 37"  # version 3: 29 squares, 4 of margin


@pytest.mark.parametrize("address", ["", "javascript:alert(1)", "file:///etc/passwd", "http://"])
def test_an_invalid_address_has_no_code(address):
    assert join.join(address) is None
