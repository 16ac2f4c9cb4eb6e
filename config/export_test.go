package config

import "time"

// Tune sets how a follower waits.
func (f *Follower) Tune(poll, quiet time.Duration) { f.poll, f.quiet = poll, quiet }

// AfterLook calls looked after each look at the files.
func (f *Follower) AfterLook(looked func()) { f.looked = looked }
