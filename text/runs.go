package text

// Runs names numbers in their order: three or more in a row by the first and the last, such as Mon-Fri.
func Runs[T ~int](numbers []T, to string, name func(T) string) []string {
	var texts []string
	for len(numbers) > 0 {
		n := 1
		for n < len(numbers) && numbers[n] == numbers[n-1]+1 {
			n++
		}
		text := name(numbers[0])
		if n < 3 {
			n = 1
		} else {
			text += to + name(numbers[n-1])
		}
		texts, numbers = append(texts, text), numbers[n:]
	}
	return texts
}
