//! All formats over one set of reports.
