/* SPDX-License-Identifier: BSD-3-Clause */
#include "plot.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WIDTH  1000.0
#define HEIGHT 720.0
#define LEFT   80.0
#define RIGHT  960.0
#define NINES  5.2 /* the end of the percentile axis, beyond 99.999 % */
#define LEGEND 24.0

struct colour {
	double red, green, blue;
};

static const struct colour ink = {0.11, 0.12, 0.14}, soft = {0.40, 0.44, 0.49},
			   line = {0.87, 0.89, 0.91}, blue = {0.04, 0.42, 0.80},
			   green = {0.07, 0.50, 0.36}, orange = {0.80, 0.38, 0.05},
			   red = {0.75, 0.10, 0.10};

/* A rectangle of the picture, and the values at its edges. */
struct axes {
	double top, bottom; /* in the picture */
	double left_value, right_value;
	double low_value, high_value; /* logarithms of nanoseconds */
};

static double x_of(const struct axes *axes, double value)
{
	return LEFT +
	       (RIGHT - LEFT) * (value - axes->left_value) / (axes->right_value - axes->left_value);
}

static double y_of(const struct axes *axes, double value)
{
	return axes->bottom - (axes->bottom - axes->top) * (value - axes->low_value) /
				      (axes->high_value - axes->low_value);
}

static void use(cairo_t *cairo, struct colour colour)
{
	cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
}

/* ALIGN: with 0 the text begins at X, with 0.5 its middle is there, with 1 it ends there. */
static void text_draw(cairo_t *cairo, double x, double y, double align, const char *text)
{
	cairo_text_extents_t extents;

	cairo_text_extents(cairo, text, &extents);
	cairo_move_to(cairo, x - extents.x_advance * align, y);
	cairo_show_text(cairo, text);
}

static void rule_draw(cairo_t *cairo, double x1, double y1, double x2, double y2)
{
	use(cairo, line);
	cairo_set_line_width(cairo, 1);
	cairo_move_to(cairo, x1, y1);
	cairo_line_to(cairo, x2, y2);
	cairo_stroke(cairo);
	use(cairo, soft);
}

/* "1.5 ms" */
static void time_name(char *text, size_t size, double nanoseconds)
{
	static const char *const units[] = {"ns", "us", "ms", "s"};
	unsigned int unit = 0;

	while (nanoseconds >= 999.5 && unit < 3) {
		nanoseconds /= 1000;
		unit++;
	}
	(void)snprintf(text, size, "%.3g %s", nanoseconds, units[unit]);
}

/* The powers of ten, in nanoseconds, between which all latencies lie. */
static void range_find(const struct histogram *latency, double *low, double *high)
{
	*low = latency->count > 0 && latency->least > 1 ? floor(log10((double)latency->least)) : 3;
	*high = latency->count > 0 && latency->most > 1 ? ceil(log10((double)latency->most)) : 6;
	if (*high <= *low)
		*high = *low + 1;
}

static void latency_rules(cairo_t *cairo, const struct axes *axes)
{
	char text[32];

	for (int power = (int)axes->low_value; power <= (int)axes->high_value; power++) {
		rule_draw(cairo, LEFT, y_of(axes, power), RIGHT, y_of(axes, power));
		time_name(text, sizeof(text), pow(10, power));
		text_draw(cairo, LEFT - 8, y_of(axes, power) + 4, 1, text);
	}
}

/* A step for about ten marks: 1, 2 or 5 times a power of ten. */
static double step_find(double length)
{
	const double power = pow(10, floor(log10(length / 10)));
	const double rest = length / 10 / power;

	return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

static void time_rules(cairo_t *cairo, const struct axes *axes)
{
	const double step = step_find(axes->right_value);
	const int count = (int)floor(axes->right_value * 1.0001 / step);
	char text[32];

	for (int i = 0; i <= count; i++) {
		const double at = i * step;

		rule_draw(cairo, x_of(axes, at), axes->top, x_of(axes, at), axes->bottom);
		(void)snprintf(text, sizeof(text), "%.3g s", at);
		text_draw(cairo, x_of(axes, at), axes->bottom + 18, 0.5, text);
	}
}

/* A line through a quantile of each interval, with a gap where no reply came. */
static void quantile_draw(cairo_t *cairo, const struct axes *axes, const struct series *series,
	double share, struct colour colour)
{
	bool is_down = false;

	use(cairo, colour);
	cairo_set_line_width(cairo, 1.6);
	for (unsigned int i = 0; i < series->count; i++) {
		const struct series_interval *interval = &series->intervals[i];
		const double at = ((double)i + 0.5) * (double)series->length / 1e9;
		double value;

		if (interval->received == 0) {
			is_down = false;
			continue;
		}
		value = log10((double)series_quantile(interval, share) + 1);
		if (!is_down)
			cairo_move_to(cairo, x_of(axes, at), y_of(axes, value));
		/* A single interval shows as a dot: lines have round ends. */
		cairo_line_to(cairo, x_of(axes, at), y_of(axes, value));
		is_down = true;
	}
	cairo_stroke(cairo);
}

/* Bars from below: the share of each interval that was lost. */
static void losses_draw(cairo_t *cairo, const struct axes *axes, const struct series *series)
{
	const double width = (double)series->length / 1e9;

	use(cairo, red);
	for (unsigned int i = 0; i < series->count; i++) {
		const struct series_interval *interval = &series->intervals[i];
		double share, left = x_of(axes, (double)i * width);

		if (interval->lost == 0)
			continue;
		share = (double)interval->lost /
			(interval->sent > interval->lost ? interval->sent : interval->lost);
		cairo_rectangle(cairo, left, axes->bottom,
			fmax(1.5, x_of(axes, ((double)i + 1) * width) - left),
			-fmax(2, share * (axes->bottom - axes->top)));
		cairo_fill(cairo);
	}
}

static double legend_draw(
	cairo_t *cairo, double x, double y, struct colour colour, const char *text)
{
	cairo_text_extents_t extents;

	use(cairo, colour);
	cairo_rectangle(cairo, x, y - 8, 14, 4);
	cairo_fill(cairo);
	use(cairo, ink);
	text_draw(cairo, x + 20, y, 0, text);
	cairo_text_extents(cairo, text, &extents);
	return x + 20 + extents.x_advance + LEGEND;
}

static void series_draw(
	cairo_t *cairo, const struct series *series, const struct histogram *latency)
{
	struct axes axes = {.top = 90, .bottom = 340, .left_value = 0};
	const double duration = (double)series->count * (double)series->length / 1e9;
	double x = LEFT;

	range_find(latency, &axes.low_value, &axes.high_value);
	axes.right_value = duration > 0 ? duration : 1;
	use(cairo, soft);
	text_draw(cairo, LEFT, 64, 0, "Latency of the datagrams that were due at that time");
	latency_rules(cairo, &axes);
	time_rules(cairo, &axes);
	losses_draw(cairo, &axes, series);
	quantile_draw(cairo, &axes, series, 1, orange);
	quantile_draw(cairo, &axes, series, 0.99, blue);
	quantile_draw(cairo, &axes, series, 0.5, green);
	x = legend_draw(cairo, x, 82, green, "p50");
	x = legend_draw(cairo, x, 82, blue, "p99");
	x = legend_draw(cairo, x, 82, orange, "max");
	legend_draw(cairo, x, 82, red, "share lost or late");
}

/* The position on the percentile axis: 2 for 99 %, 3 for 99.9 %, and so on. */
static double nines(double share)
{
	return fmin(NINES, -log10(fmax(1 - share, pow(10, -NINES))));
}

static void distribution_rules(cairo_t *cairo, const struct axes *axes)
{
	static const struct {
		double share;
		const char *name;
	} marks[] = {{0, "0 %"}, {0.5, "50 %"}, {0.9, "90 %"}, {0.99, "99 %"}, {0.999, "99.9 %"},
		{0.9999, "99.99 %"}, {0.99999, "99.999 %"}};

	latency_rules(cairo, axes);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const double x = x_of(axes, nines(marks[i].share));

		rule_draw(cairo, x, axes->top, x, axes->bottom);
		text_draw(cairo, x, axes->bottom + 18, 0.5, marks[i].name);
	}
}

static void distribution_draw(cairo_t *cairo, const struct histogram *latency)
{
	struct axes axes = {.top = 420, .bottom = 660, .left_value = 0, .right_value = NINES};
	uint64_t below = 0;

	range_find(latency, &axes.low_value, &axes.high_value);
	use(cairo, soft);
	text_draw(cairo, LEFT, 406, 0, "Distribution: share of replies that were at least as fast");
	distribution_rules(cairo, &axes);
	if (latency->count == 0)
		return;
	use(cairo, blue);
	cairo_set_line_width(cairo, 2);
	cairo_move_to(cairo, LEFT, y_of(&axes, log10((double)latency->least + 1)));
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t value = histogram_last(i);

		if (latency->buckets[i] == 0)
			continue;
		below += latency->buckets[i];
		value = value < latency->most ? value : latency->most;
		cairo_line_to(cairo, x_of(&axes, nines((double)below / (double)latency->count)),
			y_of(&axes, log10((double)value + 1)));
	}
	cairo_stroke(cairo);
}

static void figures_draw(cairo_t *cairo, const struct histogram *latency)
{
	static const double shares[] = {0.5, 0.9, 0.99, 0.999, 0.9999, 1};
	static const char *const names[] = {"p50", "p90", "p99", "p99.9", "p99.99", "max"};

	use(cairo, ink);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]) && latency->count > 0; i++) {
		char time[32], text[64];

		time_name(time, sizeof(time), (double)histogram_quantile(latency, shares[i]));
		(void)snprintf(text, sizeof(text), "%s  %s", names[i], time);
		text_draw(cairo, LEFT + (double)i * 150, HEIGHT - 16, 0, text);
	}
}

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), end_length = strlen(end);

	return length > end_length && strcmp(text + length - end_length, end) == 0;
}

bool plot_has_format(const char *path)
{
	return ends_with(path, ".svg") || ends_with(path, ".png");
}

static cairo_status_t bytes_write(void *file, const unsigned char *bytes, unsigned int length)
{
	return fwrite(bytes, 1, length, file) == length ? CAIRO_STATUS_SUCCESS
							: CAIRO_STATUS_WRITE_ERROR;
}

enum status plot_write(FILE *file, const char *path, const char *title, const struct series *series,
	const struct histogram *latency)
{
	const bool is_svg = ends_with(path, ".svg");
	cairo_surface_t *surface =
		is_svg ? cairo_svg_surface_create_for_stream(bytes_write, file, WIDTH, HEIGHT)
		       : cairo_image_surface_create(
				 CAIRO_FORMAT_RGB24, (int)(2 * WIDTH), (int)(2 * HEIGHT));
	cairo_t *cairo = cairo_create(surface);
	cairo_status_t result;

	if (!is_svg)
		cairo_scale(cairo, 2, 2);
	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_paint(cairo);
	cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
	cairo_select_font_face(
		cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo, 18);
	use(cairo, ink);
	text_draw(cairo, LEFT, 34, 0, title);
	cairo_set_font_size(cairo, 12);
	series_draw(cairo, series, latency);
	distribution_draw(cairo, latency);
	figures_draw(cairo, latency);
	result = cairo_status(cairo);
	cairo_destroy(cairo);
	if (result == CAIRO_STATUS_SUCCESS && !is_svg)
		result = cairo_surface_write_to_png_stream(surface, bytes_write, file);
	cairo_surface_finish(surface);
	if (result == CAIRO_STATUS_SUCCESS)
		result = cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	/* A write error is in the stream: whoever closes the stream reports it. */
	if (result != CAIRO_STATUS_SUCCESS && result != CAIRO_STATUS_WRITE_ERROR)
		return report_failure("write %s: %s", path, cairo_status_to_string(result));
	return STATUS_DONE;
}
