package page

import (
	"fmt"
	"strings"

	"github.com/floorkeeper/floorkeeper/schedules"
	"github.com/floorkeeper/floorkeeper/text"
)

// words writes what the areas of a lane are about. They stand over everything that runs through all lanes.
func (p plot) words() {
	y := p.foot + laneGap - p.height(p.tall)
	p.head(p.strip, y)
	for i, note := range p.notes {
		sign, class := "▲ ", "note"
		if !note.alarm {
			sign, class = "", "remark"
		}
		p.text(0, y+nameLine+noteHeight*float64(i+1), "", span{text: sign + note.text, class: class},
			span{text: note.more, needs: em(sign+note.String(), letter+1)})
	}
	p.numbers()
}

// head writes the name of a lane and, where there is room, what the HPA is.
func (c *canvas) head(l *strip, y float64) {
	name := c.called(l.name, y+nameLine)
	about := "baseline " + l.known()
	if l.lost {
		about = "minReplicas " + text.Grouped(int(l.State.MinReplicas)) + " · " + about
	}
	if l.State.MaxReplicas < schedules.MaxReplicas {
		about += " · max " + amount(l.State.MaxReplicas)
	}
	c.text(1, y+nameLine, "end", span{text: about, class: "about", needs: em(name, nameLetter) + em(about, smallLetter) + 16})
}

// called writes a name, without its middle where a picture is too narrow for it, and returns the longest form.
func (c *canvas) called(full string, y float64) string {
	const long = 120
	write := func(text, class string) {
		c.open("text", attr{"x", "0"}, attr{"y", y}, attr{"class", strings.TrimSpace("name " + class)})
		c.WriteString(escaped(text))
		c.shut("text")
	}
	short, name := fitted(full, narrowest, nameLetter), text.CutMiddle(full, long)
	needs := em(name, nameLetter)
	switch {
	case short == name || c.fixed:
		write(name, "")
	case c.hidden(needs):
		write(short, "")
		return short
	default:
		write(short, strings.TrimSpace(c.until(needs)))
		write(name, strings.TrimPrefix(c.class(span{class: "", needs: needs}), " "))
	}
	return name
}

// fitted returns as much of a text as there is room for.
func fitted(full string, room, size float64) string {
	most := 60
	for most > 8 && em(text.CutMiddle(full, most), size) > room {
		most--
	}
	return text.CutMiddle(full, most)
}

// live marks what minReplicas is now, and by shape, colour and note if that is not what is planned.
func (p plot) live(d *Document) {
	if !d.Live || !d.inRange() {
		return
	}
	x, y := share(p.x(d.Now)), p.level(min(p.State.MinReplicas, p.top))
	p.open("g")
	p.title(fmt.Sprintf("%s: minReplicas is %d now, planned is %d", p.name, p.State.MinReplicas, p.planned))
	if p.differs {
		p.open("svg", attr{"x", x}, attr{"y", y}, attr{"width", "1"}, attr{"height", "1"}, attr{"class", "free"})
		p.draw("path", attr{"d", "M0 -7L7 0L0 7L-7 0Z"}, attr{"class", "differs"})
		p.WriteString("</svg>")
	} else {
		p.draw("circle", attr{"cx", x}, attr{"cy", y}, attr{"r", 4.5}, attr{"class", "live"})
	}
	p.shut("g")
}
