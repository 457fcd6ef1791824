//! Host and Snapshot: joins findings, documents and placements in memory
