;; What `wasmtime serve` runs, in short: it exports wasi:http/incoming-handler and is no command.
(component
  (import "wasi:http/types@0.2.12" (instance $types
    (export "incoming-request" (type (sub resource)))
    (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request))
  (alias export $types "response-outparam" (type $outparam))
  (core module $m (func (export "handle") (param i32 i32)))
  (core instance $i (instantiate $m))
  (func $handle (param "request" (own $request)) (param "response-out" (own $outparam)) (canon lift (core func $i "handle")))
  (component $shim
    (import "import-request" (type $request (sub resource)))
    (import "import-outparam" (type $outparam (sub resource)))
    (import "import-handle" (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))))
    (export $request2 "incoming-request" (type $request))
    (export $outparam2 "response-outparam" (type $outparam))
    (export "handle" (func $handle) (func (param "request" (own $request2)) (param "response-out" (own $outparam2)))))
  (instance $handler (instantiate $shim
    (with "import-request" (type $request))
    (with "import-outparam" (type $outparam))
    (with "import-handle" (func $handle))))
  (export "wasi:http/incoming-handler@0.2.12" (instance $handler)))
