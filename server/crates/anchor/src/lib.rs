//! Where a finding is now: text, syntax and history in, placement out
