"""Runs a component on PyPI's wasmtime as `wasmtime run -Sinherit-network` would: wasmtime_run.py COMPONENT [ARGS...]

Environment, standard streams and network are inherited. 48.0.0 and later lack the switch that allows TCP: use 46 or 47.
"""

import os
import sys

from wasmtime import Engine, Store, WasiConfig
from wasmtime import _ffi as ffi
from wasmtime.component import Component, Linker

path = sys.argv[1]
engine = Engine()
store = Store(engine)
wasi = WasiConfig()
wasi.argv = [os.path.basename(path), *sys.argv[2:]]
wasi.inherit_env()
wasi.inherit_stdin()
wasi.inherit_stdout()
wasi.inherit_stderr()
ffi.wasi_config_inherit_network(wasi.ptr())
ffi.wasi_config_allow_ip_name_lookup(wasi.ptr(), True)
store.set_wasi(wasi)
linker = Linker(engine)
linker.add_wasip2()
instance = linker.instantiate(store, Component.from_file(engine, path))
for minor in range(12, -1, -1):
    interface = instance.get_export_index(store, f"wasi:cli/run@0.2.{minor}")
    if interface is not None:
        break
else:
    sys.exit("the component exports no wasi:cli/run@0.2")
run = instance.get_func(store, instance.get_export_index(store, "run", interface))
result = run(store)
sys.exit(0 if result is None or getattr(result, "tag", "ok") == "ok" else 1)
