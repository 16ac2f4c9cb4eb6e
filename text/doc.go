// Package text writes what people read: texts of files and clusters made safe to print, counts, lists, instants and
// durations. Each such form has one function here, so that all commands, Events and problems write it alike. It is a
// package of its own at the root because cmd, controller and config all write for people, and the latter two may not
// import cmd.
//
// It may import the standard library and schedules.
package text
