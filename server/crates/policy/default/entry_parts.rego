# One name for a verdict or gate that a bundle defines in parts (`verdict.action := …`, `package aspm.verdict`).
package aspm.defaults.entry

verdict := data.aspm.verdict

gate := data.aspm.gate

triage := data.aspm.triage
