;; A component that imports what no host provides. wasi:cli/run would call it.
(component
  (import "acme:nowhere/thing@1.0.0" (instance $thing (export "f" (func))))
  (alias export $thing "f" (func $f))
  (core func $lowered (canon lower (func $f)))
  (core module $main
    (import "" "f" (func $f))
    (func (export "run") (result i32)
      call $f
      i32.const 0))
  (core instance $instance (instantiate $main (with "" (instance (export "f" (func $lowered))))))
  (func $run (result (result)) (canon lift (core func $instance "run")))
  (instance $exports (export "run" (func $run)))
  (export "wasi:cli/run@0.2.12" (instance $exports)))
