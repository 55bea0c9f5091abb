//! Which categories a trade belongs to: the built-in ones, the operator's and the sharers' own, judged
//! in one pass over the trade by one compiled automaton. Owns the criteria's syntax too.

pub mod criteria;
