; SPDX-License-Identifier: BSD-3-Clause
; RFC 1624, for every value: a sum that was well before one of its words changed is well after
; checksum_update(). This is checksum.c in the solver's words; unsat says that there is no exception.
(set-logic QF_BV)
(define-fun step32 ((sum (_ BitVec 64))) (_ BitVec 64)
  (bvadd (bvand sum #x00000000ffffffff) (bvlshr sum (_ bv32 64))))
(define-fun step16 ((sum (_ BitVec 64))) (_ BitVec 64)
  (bvadd (bvand sum #x000000000000ffff) (bvlshr sum (_ bv16 64))))
(define-fun fold ((sum (_ BitVec 64))) (_ BitVec 16)
  ((_ extract 15 0) (step16 (step16 (step32 (step32 sum))))))
(define-fun finish ((sum (_ BitVec 64))) (_ BitVec 16) (bvnot (fold sum)))
(define-fun word ((value (_ BitVec 16))) (_ BitVec 64) ((_ zero_extend 48) value))
(define-fun update ((checksum (_ BitVec 16)) (before (_ BitVec 16)) (after (_ BitVec 16))) (_ BitVec 16)
  (finish (bvadd (word (bvnot checksum)) (word (bvnot before)) (word after))))

; The sum of the other words of the header, folded: not all are zeros, as the version is 4. Swapping
; the addresses does not change it.
(declare-const others (_ BitVec 16))
(declare-const checksum (_ BitVec 16))
(declare-const before (_ BitVec 16))
(declare-const after (_ BitVec 16))
(assert (not (= others #x0000)))
(assert (= (finish (bvadd (word others) (word before) (word checksum))) #x0000))
(assert (not (= (finish (bvadd (word others) (word after) (word (update checksum before after)))) #x0000)))
(check-sat)
