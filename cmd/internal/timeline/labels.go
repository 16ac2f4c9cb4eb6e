package timeline

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/floorkeeper/floorkeeper/schedules"
)

// words writes what the areas of a lane are about. They stand over everything that runs through all lanes.
func (p plot) words() {
	y := p.foot + laneGap - p.height(p.tall)
	p.head(p.strip, y)
	for i, note := range p.notes {
		p.text(0, y+nameLine+noteHeight*float64(i+1), "", span{text: "▲ " + note.text, class: "note"},
			span{note.more, "", em("▲ "+note.String(), letter+1)})
	}
	p.numbers()
}

// head writes the name of a lane and, where there is room, what the HPA is.
func (c *canvas) head(l *strip, y float64) {
	name := c.called(l.name, y+nameLine)
	about := "baseline " + strconv.Itoa(int(l.baseline))
	if l.State.MaxReplicas < schedules.MaxReplicas {
		about += " · max " + strconv.Itoa(int(l.State.MaxReplicas))
	}
	c.text(1, y+nameLine, "end", span{about, "about", em(name, nameLetter) + em(about, smallLetter) + 16})
}

// called writes a name, without its middle where a picture is too narrow for it, and returns the longest form.
func (c *canvas) called(full string, y float64) string {
	const long = 120
	write := func(text, class string) {
		c.open("text", attr{"x", "0"}, attr{"y", y}, attr{"class", strings.TrimSpace("name " + class)})
		c.WriteString(escaped(text))
		c.shut("text")
	}
	short, name := fitting(full, narrowest), shortened(full, long)
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

// fitting returns as much of a name as there is room for.
func fitting(name string, room float64) string {
	for most := 60; most > 8; most-- {
		if short := shortened(name, most); em(short, nameLetter) <= room {
			return short
		}
	}
	return shortened(name, 8)
}

// numbers writes minReplicas and the entry above each step at which a floor stands in full, where there is room up to
// the next step that is as high.
func (p plot) numbers() {
	for i, s := range p.stretches {
		if s.Floor == 0 || s.Ramp != schedules.Steady {
			continue
		}
		end := p.clear(i)
		part := p.share(end.Sub(s.From))
		number, of, more := strconv.Itoa(int(s.MinReplicas)), "", ""
		level := p.level(s.MinReplicas)
		if p.unheeded || s.Floor <= p.baseline {
			number, level = strconv.Itoa(int(s.Floor))+" asked", min(p.level(s.Floor), p.level(s.MinReplicas))
		} else if p.clamped(s) {
			of, level = fmt.Sprintf(" of %d", s.Floor), p.level(s.Floor)
		}
		if under := p.under(s); under != "" {
			more = " over " + shortened(plain(under), 40)
		}
		p.label(share(p.x(s.From)), level-5, part, number, of, " "+shortened(plain(s.Because), 40), more)
	}
}

// label writes as many words as there is room for over a part of the range, the first of which is a number.
func (p plot) label(x share, y, part float64, number string, words ...string) {
	needs := em(number, letter) + 4
	spans := []span{{number, "number", needs / part}}
	for _, word := range words {
		needs += em(word, smallLetter)
		spans = append(spans, span{word, "entry", needs / part})
	}
	p.text(x, y, "", spans...)
}

// clear returns up to where there is room above the i-th stretch: to the next one that is as high or has a number itself.
func (p plot) clear(i int) time.Time {
	here := p.stretches[i]
	for _, s := range p.stretches[i+1:] {
		if s.Floor > 0 && s.Ramp == schedules.Steady || s.MinReplicas >= here.MinReplicas {
			return s.From
		}
	}
	return p.to
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
