"""The named endpoints as MCP tools, which programs with a language model call. Gradio serves them; see `AE_MCP`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync
from gradio_client.utils import is_file_obj_with_meta

if TYPE_CHECKING:
    from gradio.mcp import GradioMCPServer
    from gradio_client.client import Job


def adapt_tools(server: GradioMCPServer) -> None:
    """Name the tools as their endpoints, let them take lists of files, and answer with each output by itself, as JSON.

    Gradio names a tool after the function behind it, converts a file's address only where it is not in a list, and
    answers with the representation of several outputs as one Python object.
    """
    endpoints = server.tool_to_endpoint.values()
    server.tool_to_endpoint = {server.tool_prefix + endpoint.lstrip("/"): endpoint for endpoint in endpoints}
    convert, to_content = server.convert_strings_to_filedata, server.postprocess_output_data
    simplify = server.simplify_filedata_schema

    def simplify_lists(schema: dict[str, Any]) -> tuple[dict[str, Any], list[list[str | int]]]:
        simplified, positions = simplify(schema)
        for name, *within in positions:
            about = simplified["properties"][name]
            if within == ["items"]:  # a reference from within the list does not resolve
                about["items"].pop("$ref", None)
                about.pop("$defs", None)
        return simplified, positions

    def convert_lists(arguments: dict[str, Any], positions: list[list[str | int]]) -> Any:
        return convert(arguments, [place for each in positions for place in places_of(each, arguments)])

    async def wait_for_outputs(job: Job) -> list[Any]:
        result = await run_sync(job.result)
        return list(result) if isinstance(result, tuple) else [result]

    def to_json_content(outputs: list[Any], root_url: str) -> Any:
        return to_content([each if is_file_obj_with_meta(each) else json.dumps(each) for each in outputs], root_url)

    server.simplify_filedata_schema = simplify_lists
    server.convert_strings_to_filedata = convert_lists
    server._execute_tool_without_progress = wait_for_outputs
    server.postprocess_output_data = to_json_content


def places_of(position: list[str | int], arguments: dict[str, Any]) -> list[list[str | int]]:
    """Where the arguments have the files that a schema has at `position`: [name], or [name, "items"] for a list."""
    name, *within = position
    given = arguments.get(name)
    if within == ["items"] and isinstance(given, list):
        return [[name, index] for index in range(len(given))]
    return [position]
