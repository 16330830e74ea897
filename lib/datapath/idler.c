/* SPDX-License-Identifier: BSD-3-Clause */
#include <sys/prctl.h>
#include <time.h>

#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_pause.h>
#include <rte_power_intrinsics.h>

#include "idler.h"

/* Between two frames of a busy link, to stop polling costs more than it saves. */
#define PATIENCE       256 /* empty rounds */
#define PAUSES         32
#define PAUSE_US       5
#define SLEEP_LEAST_NS 1000
#define SLEEP_MOST_NS  100000
#define INTERRUPT_MS   10

/* OPERATION says whether the devices' interrupts wake this thread up from now on. */
static void attend(const struct worker *worker, int operation)
{
	for (unsigned int i = 0; i < worker->queue_count; i++)
		rte_eth_dev_rx_intr_ctl_q(worker->queues[i].port, worker->queues[i].queue,
			RTE_EPOLL_PER_THREAD, operation, NULL);
}

void idle_begin(struct idler *idler, struct worker *worker)
{
	struct rte_cpu_intrinsics can;

	rte_cpu_get_intrinsics_support(&can);
	*idler = (struct idler){.sleep_ns = SLEEP_LEAST_NS, .has_power_pause = can.power_pause};
	if (worker->idle == IDLE_SLEEP)
		prctl(PR_SET_TIMERSLACK, 1UL); /* otherwise the kernel adds 50 us */
	if (worker->idle == IDLE_INTERRUPT)
		attend(worker, RTE_INTR_EVENT_ADD);
}

/* Rests for PAUSE_US in C0.1 or C0.2 if the CPU can, and otherwise pauses. */
static void rest(const struct idler *idler)
{
	if (idler->has_power_pause) {
		rte_power_pause(rte_rdtsc() + rte_get_tsc_hz() * PAUSE_US / 1000000);
		return;
	}
	for (unsigned int i = 0; i < PAUSES; i++)
		rte_pause();
}

static void sleep_a_while(struct idler *idler)
{
	const struct timespec time = {.tv_nsec = idler->sleep_ns};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	idler->sleep_ns = RTE_MIN(2 * idler->sleep_ns, SLEEP_MOST_NS);
}

static void arm(struct idler *idler, const struct worker *worker, bool on)
{
	for (unsigned int i = 0; i < worker->queue_count; i++) {
		const struct worker_queue *queue = &worker->queues[i];

		if (on)
			rte_eth_dev_rx_intr_enable(queue->port, queue->queue);
		else
			rte_eth_dev_rx_intr_disable(queue->port, queue->queue);
	}
	idler->is_armed = on;
}

/*
 * A frame that came before the interrupts were on raises none. So the first call only turns them
 * on, and the second one, after another round of empty polls, waits.
 */
static void await_interrupt(struct idler *idler, const struct worker *worker)
{
	struct rte_epoll_event events[WORKER_QUEUES_MAX];

	if (!idler->is_armed) {
		arm(idler, worker, true);
		return;
	}
	rte_epoll_wait(RTE_EPOLL_PER_THREAD, events, RTE_DIM(events), INTERRUPT_MS);
	arm(idler, worker, false);
}

void idle_reset(struct idler *idler, struct worker *worker)
{
	idler->empty_rounds = 0;
	if (idler->is_armed)
		arm(idler, worker, false); /* otherwise each frame of a flood would raise one */
}

void idle_wait(struct idler *idler, struct worker *worker)
{
	if (worker->idle == IDLE_SPIN)
		return;
	if (idler->empty_rounds < PATIENCE) {
		idler->empty_rounds++;
		idler->sleep_ns = SLEEP_LEAST_NS;
		return;
	}
	switch (worker->idle) {
	case IDLE_SPIN:
		break;
	case IDLE_PAUSE:
		rest(idler);
		break;
	case IDLE_SLEEP:
		sleep_a_while(idler);
		break;
	case IDLE_INTERRUPT:
		await_interrupt(idler, worker);
		break;
	}
}

void idle_end(struct worker *worker)
{
	if (worker->idle == IDLE_INTERRUPT)
		attend(worker, RTE_INTR_EVENT_DEL);
}
