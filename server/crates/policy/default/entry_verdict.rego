# The verdict where a bundle defines none of its own.
package aspm

verdict := data.aspm.defaults.verdict
