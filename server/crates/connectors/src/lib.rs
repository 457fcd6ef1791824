//! Where findings come in: SARIF
