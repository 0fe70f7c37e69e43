;; A server whose start function computes for ever: no request gets to its handler.
(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "wasi:http/incoming-handler@0.2.12#handle") (param i32 i32) unreachable)
  (func $start (loop $again (br $again)))
  (start $start))
