;; As programs.c, by hand. A line of dashes parts one module from the next.
(module ;; the greatest common divisor
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func $gcd (param i64 i64) (result i64)
    (if (result i64) (i64.eqz (local.get 1))
      (then (local.get 0))
      (else (call $gcd (local.get 1) (i64.rem_u (local.get 0) (local.get 1))))))
  (func (export "handle") (param i32 i32) (result i64)
    (i64.store (i32.const 0) (call $gcd (i64.const 1134903170) (i64.const 701408733)))
    (i64.const 8)))
;; ----
(module ;; a branch table, in a loop
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handle") (param i32 i32) (result i64) (local $n i32) (local $sum i32)
    (loop $again
      (block $c (block $b (block $a
        (br_table $a $b $c (i32.rem_u (local.get $n) (i32.const 4))))
        (local.set $sum (i32.add (local.get $sum) (i32.const 3))))
        (local.set $sum (i32.mul (local.get $sum) (i32.const 5))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 999))))
    (i32.store (i32.const 0) (local.get $sum))
    (i64.const 4)))
;; ----
(module ;; bulk memory: passive data, copy and fill
  (memory (export "memory") 1)
  (data $text "the quick brown fox jumps over the lazy dog")
  (func (export "alloc") (param i32) (result i32) (i32.const 8192))
  (func (export "handle") (param i32 i32) (result i64)
    (memory.init $text (i32.const 10) (i32.const 0) (i32.const 43))
    (memory.copy (i32.const 40) (i32.const 10) (i32.const 43))
    (memory.fill (i32.const 100) (i32.const 46) (i32.const 3000))
    (data.drop $text)
    (i64.const 3200)))
;; ----
(module ;; tables: indirect calls, grown and filled
  (memory (export "memory") 1)
  (type $step (func (param i32) (result i32)))
  (table $t 3 40 funcref)
  (elem (i32.const 0) $add $mul $xor)
  (func $add (type $step) (i32.add (local.get 0) (i32.const 7)))
  (func $mul (type $step) (i32.mul (local.get 0) (i32.const 3)))
  (func $xor (type $step) (i32.xor (local.get 0) (i32.const 0x5555)))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handle") (param i32 i32) (result i64) (local $n i32) (local $v i32)
    (drop (table.grow $t (ref.func $mul) (i32.const 20)))
    (table.fill $t (i32.const 9) (ref.func $xor) (i32.const 5))
    (table.copy $t $t (i32.const 15) (i32.const 1) (i32.const 4))
    (loop $again
      (local.set $v
        (call_indirect $t (type $step)
          (local.get $v) (i32.rem_u (local.get $n) (table.size $t))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 500))))
    (i32.store (i32.const 0) (local.get $v))
    (i64.const 4)))
;; ----
(module ;; an indirect call of the wrong type
  (memory (export "memory") 1)
  (table 2 funcref)
  (elem (i32.const 0) $other)
  (func $other (param i64))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handle") (param i32 i32) (result i64)
    (i64.extend_i32_u (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))))
;; ----
(module ;; calls of each other, until the words of the stack end
  (memory (export "memory") 1)
  (global $depth (mut i32) (i32.const 0))
  (func $even (param i32 f64) (result f64) (local i64 i64 i64)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (f64.add (local.get 1) (call $odd (local.get 0) (local.get 1) (i64.const 1))))
  (func $odd (param i32 f64 i64) (result f64)
    (call $even (i32.add (local.get 0) (i32.const 1)) (f64.const 1)))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handle") (param i32 i32) (result i64)
    (i64.trunc_f64_s (call $even (i32.const 0) (f64.const 0)))))
;; ----
(module ;; blocks with parameters and several results
  (memory (export "memory") 1)
  (func $both (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handle") (param i32 i32) (result i64) (local $n i32)
    (i32.const 1) (i32.const 1)
    (loop $again (param i32 i32) (result i32 i32)
      (call $both)
      (block (param i32 i32) (result i32 i32)
        (call $both)
        (i32.add (i32.const 2)))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 77))))
    (local.set $n (i32.sub))
    (i32.store offset=4 (i32.const 0) (local.get $n))
    (i64.const 8)))
;; ----
(module ;; memory that grows to its limit
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handle") (param i32 i32) (result i64)
    (loop $again
      (br_if $again (i32.ge_s (memory.grow (i32.const 3)) (i32.const 0))))
    (i32.store (i32.const 0) (memory.size))
    (i64.const 4)))
;; ----
(module ;; an access behind the memory
  (memory (export "memory") 1)
  (func (export "alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "handle") (param i32 i32) (result i64)
    (i64.load offset=65529 (local.get 1))))
