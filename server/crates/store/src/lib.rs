//! The only SQL: findings, cursors, cached placements
