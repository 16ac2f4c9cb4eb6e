package config

// AfterLook calls f after each look at the files.
func AfterLook(f func()) Option {
	return func(follower *Follower) { follower.looked = f }
}
