# The gate where a bundle defines none of its own.
package aspm

gate := data.aspm.defaults.gate
