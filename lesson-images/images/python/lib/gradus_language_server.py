"""python-lsp-server as a guest in a learner's container: small, last in line for the processor, first to go when memory
runs out, and writing nothing anywhere.

As it comes it starts a second interpreter (28 MB) that would tell it which Python is used here, keeps its cache in the
learner's home, which is memory too, and loads every plugin there is.
"""

import gc
import os
import resource
import sys

# It takes 60 MB after a first completion, and twice that after many modules: those are forgotten then.
FORGET_ABOVE_BYTES = 120 * 1024 * 1024
# Should that not be enough; addresses count here, not memory, and there are 80 MB more of them from the start.
ADDRESS_SPACE_BYTES = 320 * 1024 * 1024

PLUGINS = {
    "autopep8",
    "jedi_completion",
    "jedi_definition",
    "jedi_hover",
    "jedi_references",
    "jedi_rename",
    "jedi_signature_help",
    "pyflakes",
}

# Syntax trees of what programs import most, made when the image is built: without, the first completion takes 2 s.
CACHE = "/usr/local/lib/gradus/jedi"
WARMED = "json os re sys math random itertools collections datetime pathlib string functools typing pytest".split()


def run():
    step_back()
    prepare()
    import parso.cache

    # The root is read-only, and what is not in the cache is not worth the learner's memory.
    parso.cache._save_to_file_system = lambda *_, **__: None
    parso.cache._remove_cache_and_update_lock = lambda *_, **__: None

    import pylsp_jsonrpc.endpoint

    consume = pylsp_jsonrpc.endpoint.Endpoint.consume

    def consume_with_room(endpoint, message):
        if resident_bytes() > FORGET_ABOVE_BYTES:
            parso.cache.parser_cache.clear()
            gc.collect()
        consume(endpoint, message)

    pylsp_jsonrpc.endpoint.Endpoint.consume = consume_with_room

    from pylsp import python_lsp

    python_lsp.start_io_lang_server(sys.stdin.buffer, sys.stdout.buffer, True, python_lsp.PythonLSPServer)


def step_back():
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")


def resident_bytes():
    with open("/proc/self/statm") as sizes:
        return int(sizes.read().split()[1]) * resource.getpagesize()


def prepare():
    import autopep8  # noqa: F401
    import jedi
    import jedi.api.environment
    import jedi.api.project
    import pkg_resources
    import pycodestyle

    jedi.settings.cache_directory = CACHE
    here = jedi.api.environment.InterpreterEnvironment()
    for module in (jedi.api.environment, jedi.api.project):
        module.get_cached_default_environment = lambda: here
    pkg_resources.EntryPoint.load = load
    # autopep8 puts a check of its own in this place; its plugin expects that one left out here has put this back.
    pycodestyle.register_check(pycodestyle.continued_indentation)


def load(plugin):
    """In place of the original, which also looks for setuptools: every plugin names it, none uses it."""
    if plugin.name not in PLUGINS:
        # As if it were not installed.
        raise ImportError(plugin.name)
    return plugin.resolve()


def warm():
    """Fills the cache; once, when the image is built."""
    prepare()
    import jedi

    for module in WARMED:
        jedi.Script(f"import {module}\n{module}.").complete(2, len(module) + 1)
    jedi.Script("x = ''\nx.").complete(2, 2)
    jedi.Script("for word in open('x').read().split():\n    word.").complete(2, 9)
