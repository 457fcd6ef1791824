# The ruling on triage where a bundle defines none of its own.
package aspm

triage := data.aspm.defaults.triage
