package page

// colour is one of the palette: what it is in a light and in a dark scheme.
type colour struct {
	name, light, dark string
}

// palette returns all colours. TestContrast holds every pair of them that meets to what people need to see.
func palette() []colour {
	return []colour{
		{"paper", "#fbfaf7", "#14161b"},  // behind everything
		{"band", "#f4f2ec", "#191c22"},   // every other day
		{"ink", "#1c2230", "#e9eaee"},    // text
		{"soft", "#565d6d", "#a7adbb"},   // text that is less important
		{"rule", "#d9d5ca", "#333844"},   // lines that only order things
		{"edge", "#6c7280", "#8d93a2"},   // of controls
		{"link", "#1b56a3", "#8fbdf7"},   // links and focus
		{"base", "#d5d8df", "#3a404d"},   // baselines
		{"window", "#a9c8ee", "#28558f"}, // windows
		{"event", "#f6d9ab", "#59401a"},  // events, behind the hatching
		{"hatch", "#9a5b00", "#f0b456"},  // events, the hatching
		{"curve", "#23406b", "#bcd6f9"},  // minReplicas
		{"alarm", "#a8201a", "#ff9a92"},  // what needs somebody
		{"blush", "#fbeae7", "#35191a"},  // behind that
		{"amber", "#7a4a00", "#f2bf6d"},  // warnings
		{"shade", "#3d4454", "#d4d8e0"},  // outlines of what is under something else
	}
}
