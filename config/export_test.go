package config

import "time"

// Hash returns the SHA-256 that an Outcome of the files has.
func Hash(files []File) string { return hash(files) }

// Tune sets how a follower waits.
func (f *Follower) Tune(poll, quiet time.Duration) { f.poll, f.quiet = poll, quiet }

// AfterLook calls looked after each look at the files.
func (f *Follower) AfterLook(looked func()) { f.looked = looked }
