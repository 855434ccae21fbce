/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler: proportional share by virtual time.
 *
 * Each vCPU has a virtual time that runs, while it runs, at the rate 1/weight (the domain's weight divided by the number of its
 * runnable vCPUs). A CPU runs the vCPU of its queue with the least virtual time; at the end of
 * a slice it looks at the heads of the other queues too and takes one that is far behind, so shares hold
 * across CPUs and not just on each. One that wakes up resumes at most BOOST behind all others on its CPU: enough to run
 * at once if it used less than its share, too little to hoard. But one that has only just begun runs for GRACE at least.
 *
 * A cap gives the domain a budget per period; its vCPUs are parked when it is used up.
 *
 * Interrupts to other CPUs are sent after a queue's lock is released: they can take long, above all on a machine that is a
 * guest itself.
 *
 * Invariant, under a queue's lock: a vCPU with v->cpu == this CPU is queued here, running here, parked, or
 * not runnable, and exactly one of these.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/page_alloc.h>
#include <hv/softirq.h>
#include <hv/time.h>

#define SLICE MILLISECONDS(10)
#define SLICE_MIN MICROSECONDS(100)
#define BOOST ((uint64_t)MILLISECONDS(5))   /* how far behind a sleeper may resume */
#define GRAIN ((uint64_t)MILLISECONDS(1))   /* a lead that is worth a switch on wake-up */
#define GRACE MICROSECONDS(500)             /* so long one runs at least, if it wants to, before a wake-up ends that */
#define FAR_BEHIND ((uint64_t)MILLISECONDS(10)) /* a lag that is worth a move to another CPU */
#define CAP_PERIOD MILLISECONDS(30)

static struct run_queue {
    spinlock_t lock;
    struct list waiting;    /* by virtual time */
    uint32_t nr_waiting;    /* read without the lock as a hint */
    uint64_t head_vtime;    /* of the first waiting one; a hint */
    struct vcpu *running;   /* NULL: idle */
    s_time_t running_since; /* without another in between */
    struct timer slice;
    s_time_t idle_since;
    uint64_t idle_ns;
} __attribute__((aligned(64))) queues[NR_CPUS];

static uint64_t machine_vtime;  /* the latest virtual time at which a vCPU was picked; only grows */
static struct timer cap_timer;

static struct run_queue *lock_queue_of(struct vcpu *v)
{
    for (;;) {
        unsigned int cpu = READ_ONCE(v->cpu);
        struct run_queue *q = &queues[cpu];

        spin_lock(&q->lock);
        if (likely(v->cpu == cpu))
            return q;
        spin_unlock(&q->lock);
    }
}

static bool runnable(const struct vcpu *v)
{
    return !__atomic_load_n(&v->pause_flags, __ATOMIC_SEQ_CST) &&
           !__atomic_load_n(&v->pause_count, __ATOMIC_SEQ_CST) &&
           !__atomic_load_n(&v->domain->pause_count, __ATOMIC_SEQ_CST);
}

static void set_runstate(struct vcpu *v, int state, s_time_t t)
{
    if (v->runstate.state == state)
        return;
    v->runstate.time[v->runstate.state] += t - (s_time_t)v->runstate.state_entry_time;
    v->runstate.state_entry_time = t;
    v->runstate.state = state;
}

void vcpu_runstate_get(struct vcpu *v, struct vcpu_runstate_info *info)
{
    struct run_queue *q = lock_queue_of(v);

    *info = v->runstate;
    info->time[info->state] += now() - (s_time_t)info->state_entry_time;
    spin_unlock(&q->lock);
}

/* --- queues; the lock of q is held --- */

static void note_head(struct run_queue *q)
{
    struct vcpu *v = list_first(&q->waiting, struct vcpu, sched.link);

    WRITE_ONCE(q->head_vtime, v ? v->sched.vtime : UINT64_MAX);
}

static void enqueue(struct run_queue *q, struct vcpu *v)
{
    struct vcpu *at;

    list_for_each(at, &q->waiting, sched.link)
        if (at->sched.vtime > v->sched.vtime)
            break;
    list_insert_before(&at->sched.link, &v->sched.link);
    v->sched.queued = true;
    WRITE_ONCE(q->nr_waiting, q->nr_waiting + 1);
    note_head(q);
}

static void dequeue(struct run_queue *q, struct vcpu *v)
{
    list_remove(&v->sched.link);
    v->sched.queued = false;
    WRITE_ONCE(q->nr_waiting, q->nr_waiting - 1);
    note_head(q);
}

static void set_active(struct vcpu *v, bool active)
{
    __atomic_fetch_add(&v->domain->sched.active, active ? 1 : -1, __ATOMIC_RELAXED);
}

/* Count what v has run since it was last accounted. */
static void account(struct vcpu *v, s_time_t t)
{
    s_time_t ran = t - v->sched.ran_from;
    uint32_t active = max(READ_ONCE(v->domain->sched.active), 1u);

    if (ran <= 0)
        return;
    v->sched.ran_from = t;
    v->sched.run_ns += ran;
    v->sched.vtime += (uint64_t)ran * SCHED_WEIGHT_DEFAULT * active / v->domain->sched.weight;
    if (v->domain->sched.cap)
        __atomic_fetch_sub(&v->domain->sched.budget_ns, ran, __ATOMIC_RELAXED);
}

static bool over_cap(const struct vcpu *v)
{
    return v->domain->sched.cap && __atomic_load_n(&v->domain->sched.budget_ns, __ATOMIC_RELAXED) <= 0;
}

static cpumask_t allowed(const struct vcpu *v)
{
    return cpumask_and(v->sched.hard_affinity, arch_online_cpus());
}

/* --- choosing a CPU --- */

static bool idle_cpu(unsigned int cpu)
{
    return !READ_ONCE(queues[cpu].running) && !READ_ONCE(queues[cpu].nr_waiting);
}

/* Where a vCPU that wakes up should run: where it was if that CPU is free, else a free one, else where it was. */
static unsigned int choose_cpu(const struct vcpu *v)
{
    cpumask_t may = allowed(v), soft = cpumask_and(may, v->sched.soft_affinity);
    unsigned int cpu;

    if (cpumask_test(may, v->cpu) && idle_cpu(v->cpu))
        return v->cpu;
    cpumask_for_each(cpu, soft)
        if (idle_cpu(cpu))
            return cpu;
    cpumask_for_each(cpu, may)
        if (idle_cpu(cpu))
            return cpu;
    return cpumask_test(may, v->cpu) || cpumask_empty(may) ? v->cpu : cpumask_first(may);
}

/*
 * v was put on q: when should its CPU look, because v should run rather than what runs there? 0: at once. One that has
 * only just begun is left alone for a while: a back-end that has woken a guest by its first answer has more of them, and
 * each switch in between is two for the next.
 */
static s_time_t look_at(const struct run_queue *q, const struct vcpu *v, s_time_t t)
{
    const struct vcpu *running = q->running;
    bool sliced = q->slice.link;

    if (!running)
        return 0;
    if (sliced && v->sched.vtime + GRAIN >= running->sched.vtime)
        return q->slice.expires;
    if (t - q->running_since >= GRACE)
        return 0;
    return sliced ? min(q->running_since + GRACE, q->slice.expires) : q->running_since + GRACE;
}

/*
 * Take the head of another queue when it lags so far behind that waiting there would be unfair. A CPU that runs
 * nothing was told of what waits there: it comes itself, without asking another for the vCPU's state.
 */
static struct vcpu *steal(unsigned int cpu, uint64_t than)
{
    unsigned int other, victim = NR_CPUS;
    uint64_t least = than;
    struct vcpu *v;
    struct run_queue *q;

    cpumask_for_each(other, arch_online_cpus()) {
        if (other != cpu && READ_ONCE(queues[other].nr_waiting) && READ_ONCE(queues[other].running) &&
            READ_ONCE(queues[other].head_vtime) < least) {
            least = READ_ONCE(queues[other].head_vtime);
            victim = other;
        }
    }
    if (victim == NR_CPUS)
        return NULL;
    q = &queues[victim];
    if (!spin_trylock(&q->lock))
        return NULL;
    list_for_each(v, &q->waiting, sched.link) {
        if (v->sched.vtime >= than)
            break;
        if (cpumask_test(v->sched.hard_affinity, cpu)) {
            dequeue(q, v);
            v->cpu = cpu; /* the caller holds the new queue's lock: v is its alone */
            spin_unlock(&q->lock);
            return v;
        }
    }
    spin_unlock(&q->lock);
    return NULL;
}

/* The next to run on this CPU, off its queue, or NULL. */
static struct vcpu *pick(unsigned int cpu, struct run_queue *q)
{
    struct vcpu *first, *v;

    for (;;) {
        first = list_first(&q->waiting, struct vcpu, sched.link);
        if (!first || !over_cap(first))
            break;
        dequeue(q, first);
        first->sched.parked = true;
        set_active(first, false);
    }
    v = steal(cpu, !first ? UINT64_MAX : first->sched.vtime > FAR_BEHIND ? first->sched.vtime - FAR_BEHIND : 0);
    if (v)
        return v;
    if (first)
        dequeue(q, first);
    return first;
}

static void note_machine_vtime(uint64_t vtime)
{
    uint64_t seen = __atomic_load_n(&machine_vtime, __ATOMIC_RELAXED);

    while (vtime > seen &&
           !__atomic_compare_exchange_n(&machine_vtime, &seen, vtime, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void follow_timers(struct vcpu *v, unsigned int cpu)
{
    timer_migrate(&v->periodic_timer, cpu);
    timer_migrate(&v->singleshot_timer, cpu);
    timer_migrate(&v->poll_timer, cpu);
}

/* prev leaves the CPU: back on the queue if it could go on. */
static void put_prev(unsigned int cpu, struct run_queue *q, struct vcpu *prev, s_time_t t)
{
    account(prev, t);
    if (prev->sched.yielded && !list_empty(&q->waiting)) /* behind the one that waits the least long */
        prev->sched.vtime = max(prev->sched.vtime,
                                list_first(&q->waiting, struct vcpu, sched.link)->sched.vtime + 1);
    prev->sched.yielded = false;
    if (!runnable(prev)) {
        set_active(prev, false);
        set_runstate(prev, prev->pause_flags & VPF_BLOCKED || prev->pause_flags & VPF_POLLING
                               ? RUNSTATE_blocked : RUNSTATE_offline, t);
    } else if (!cpumask_test(prev->sched.hard_affinity, cpu)) {
        set_active(prev, false); /* woken anew elsewhere once its state is saved */
        set_runstate(prev, RUNSTATE_runnable, t);
    } else {
        set_runstate(prev, RUNSTATE_runnable, t);
        enqueue(q, prev);
    }
}

/* Somebody waits here while a CPU has nothing to do: let that one come and steal. */
static void call_idle_cpu(void)
{
    unsigned int cpu;

    cpumask_for_each(cpu, arch_online_cpus()) {
        if (idle_cpu(cpu)) {
            softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
            return;
        }
    }
}

/* To the end of its domain's budget, if that is nearer; one that overruns it has less in the next period. */
static s_time_t slice_of(const struct vcpu *v)
{
    s_time_t left = v->domain->sched.cap ? __atomic_load_n(&v->domain->sched.budget_ns, __ATOMIC_RELAXED) : SLICE;

    return min(max(left, SLICE_MIN), SLICE);
}

/* With several CPUs, one that runs its only vCPU still looks now and then whether others wait for too long. */
static void start_slice(struct run_queue *q, struct vcpu *v, s_time_t t)
{
    if (!list_empty(&q->waiting))
        call_idle_cpu();
    if (!list_empty(&q->waiting) || v->domain->sched.cap || cpumask_weight(arch_online_cpus()) > 1)
        timer_set(&q->slice, t + slice_of(v));
    else
        timer_stop(&q->slice);
}

void schedule(void)
{
    unsigned int cpu = arch_cpu_id();
    struct run_queue *q = &queues[cpu];
    struct vcpu *prev = arch_current(), *next;

    for (;;) {
        s_time_t t;
        bool moved = false;

        arch_work_test_and_clear(1u << SOFTIRQ_SCHEDULE);
        spin_lock(&q->lock);
        t = now();
        if (prev)
            put_prev(cpu, q, prev, t);
        next = pick(cpu, q);
        if (next) {
            next->sched.ran_from = t;
            set_runstate(next, RUNSTATE_running, t);
            note_machine_vtime(next->sched.vtime);
        }
        if (prev && prev != next) {
            arch_vcpu_save_frame(prev);
            moved = runnable(prev) && !prev->sched.queued;
            __atomic_store_n(&prev->running, false, __ATOMIC_RELEASE);
        }
        if (next)
            __atomic_store_n(&next->running, true, __ATOMIC_RELAXED);
        if (!q->running && next)
            q->idle_ns += t - q->idle_since;
        if (!next && (q->running || !q->idle_since))
            q->idle_since = t;
        if (q->running != next)
            q->running_since = t;
        q->running = next;
        spin_unlock(&q->lock);

        if (moved)
            vcpu_wake(prev);
        if (next) {
            start_slice(q, next, t);
            if (next != prev) {
                follow_timers(next, cpu);
                arch_vcpu_load(next);
            }
            return;
        }
        if (prev) {
            timer_stop(&q->slice);
            arch_current_set(NULL);
            prev = NULL;
        }
        if (page_alloc_scrub_step())
            arch_irq_window();
        else
            arch_idle_halt();
        softirq_run();
    }
}

/*
 * What v did not use while it slept is lost, but for BOOST: it resumes so far behind all that is on its queue, and runs
 * next. Behind the machine's virtual time, or what runs, it could wait for the slice of one that lags more.
 */
static void catch_up(struct vcpu *v, const struct run_queue *q)
{
    uint64_t behind = q->head_vtime;

    if (q->running)
        behind = min(behind, q->running->sched.vtime);
    if (behind == UINT64_MAX)
        behind = __atomic_load_n(&machine_vtime, __ATOMIC_RELAXED);
    if (v->sched.vtime + BOOST < behind)
        v->sched.vtime = behind - BOOST;
}

void vcpu_wake(struct vcpu *v)
{
    struct run_queue *q = lock_queue_of(v);
    unsigned int cpu;
    s_time_t t, look;
    bool again;

    if (v->running || v->sched.queued || v->sched.parked || !runnable(v)) {
        spin_unlock(&q->lock);
        return;
    }
    cpu = choose_cpu(v);
    if (cpu != v->cpu) { /* neither queued nor running: nobody else cares for v->cpu but who locks by it */
        v->cpu = cpu;
        spin_unlock(&q->lock);
        q = lock_queue_of(v);
        if (v->running || v->sched.queued || v->sched.parked || !runnable(v)) {
            spin_unlock(&q->lock);
            return;
        }
    }
    t = now();
    if (q->running)
        account(q->running, t);
    catch_up(v, q);
    set_active(v, true);
    set_runstate(v, RUNSTATE_runnable, t);
    enqueue(q, v);
    look = look_at(q, v, t);
    again = look && (!q->slice.link || look < q->slice.expires);
    cpu = v->cpu;
    spin_unlock(&q->lock);
    if (!look)
        softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
    else if (again)
        timer_set(&q->slice, look);
}

void vcpu_sleep_nosync(struct vcpu *v)
{
    struct run_queue *q = lock_queue_of(v);
    unsigned int cpu = v->cpu;
    bool runs = false;

    if (!runnable(v)) {
        runs = v->running;
        if (v->sched.queued) {
            dequeue(q, v);
            set_active(v, false);
            set_runstate(v, RUNSTATE_offline, now());
        }
    }
    spin_unlock(&q->lock);
    if (runs)
        softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
}

int vcpu_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft)
{
    struct run_queue *q;
    bool queued = false;

    if (hard && cpumask_empty(cpumask_and(*hard, arch_online_cpus())))
        return -EINVAL;
    q = lock_queue_of(v);
    if (hard)
        v->sched.hard_affinity = *hard;
    if (soft)
        v->sched.soft_affinity = *soft;
    if (!cpumask_test(v->sched.hard_affinity, v->cpu)) {
        if (v->sched.queued) {
            dequeue(q, v);
            set_active(v, false);
            queued = true;
        } else if (v->running) {
            softirq_raise_cpu(v->cpu, SOFTIRQ_SCHEDULE);
        }
    }
    spin_unlock(&q->lock);
    if (queued)
        vcpu_wake(v);
    return 0;
}

/* --- caps --- */

static void unpark_all(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v) {
        struct run_queue *q = lock_queue_of(v);
        bool was = v->sched.parked;

        v->sched.parked = false;
        spin_unlock(&q->lock);
        if (was)
            vcpu_wake(v);
    }
}

/* A new period: each capped domain gets its budget; a debt from an overrun is carried, bounded by one period. */
static void cap_period(void *unused)
{
    bool any = false;
    struct domain *d;

    (void)unused;
    for (domid_t from = 0; (d = domain_next(from)); from = d->id + 1, domain_put(d)) {
        int64_t share = (int64_t)d->sched.cap * CAP_PERIOD / 100, left;

        if (!share)
            continue;
        any = true;
        left = max(__atomic_load_n(&d->sched.budget_ns, __ATOMIC_RELAXED), -share);
        __atomic_store_n(&d->sched.budget_ns, min(left + share, share), __ATOMIC_RELAXED);
        unpark_all(d);
    }
    if (any)
        timer_set(&cap_timer, now() + CAP_PERIOD);
}

int sched_set_params(struct domain *d, uint16_t weight, uint16_t cap)
{
    if (!weight || cap > d->max_vcpus * 100)
        return -EINVAL;
    d->sched.weight = weight;
    d->sched.cap = cap;
    __atomic_store_n(&d->sched.budget_ns, (int64_t)cap * CAP_PERIOD / 100, __ATOMIC_RELAXED);
    unpark_all(d);
    if (cap && !READ_ONCE(cap_timer.link))
        timer_set(&cap_timer, now() + CAP_PERIOD);
    return 0;
}

/* --- life --- */

static void slice_over(void *unused)
{
    (void)unused;
    softirq_raise(SOFTIRQ_SCHEDULE);
}

void sched_domain_init(struct domain *d)
{
    d->sched = (struct sched_domain){ .weight = SCHED_WEIGHT_DEFAULT };
}

/* Spread the vCPUs of a new domain over the CPUs, from the one with the fewest waiting. */
int sched_vcpu_init(struct vcpu *v)
{
    cpumask_t online = arch_online_cpus();
    unsigned int cpu, best = cpumask_first(online), least = UINT32_MAX, start = v->domain->id + v->id;

    for (unsigned int i = 0; i < NR_CPUS; i++) {
        unsigned int load;

        cpu = (start + i) % NR_CPUS;
        if (!cpumask_test(online, cpu))
            continue;
        load = READ_ONCE(queues[cpu].nr_waiting) + !!READ_ONCE(queues[cpu].running);
        if (load < least) {
            least = load;
            best = cpu;
        }
    }
    v->cpu = best;
    list_init(&v->sched.link);
    v->sched.hard_affinity = v->sched.soft_affinity = CPUMASK_ALL;
    v->sched.vtime = __atomic_load_n(&machine_vtime, __ATOMIC_RELAXED);
    v->runstate.state = RUNSTATE_offline;
    v->runstate.state_entry_time = now();
    return 0;
}

void sched_vcpu_destroy(struct vcpu *v)
{
    struct run_queue *q = lock_queue_of(v);

    BUG_ON(v->running || v->sched.queued);
    spin_unlock(&q->lock);
}

uint64_t sched_cpu_idle_ns(unsigned int cpu)
{
    struct run_queue *q = &queues[cpu];
    uint64_t ns;

    spin_lock(&q->lock);
    ns = q->idle_ns + (q->running ? 0 : now() - q->idle_since);
    spin_unlock(&q->lock);
    return ns;
}

void sched_cpu_online(unsigned int cpu)
{
    struct run_queue *q = &queues[cpu];

    timer_init(&q->slice, slice_over, NULL, cpu);
    q->idle_since = now();
}

void sched_init(void)
{
    for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
        queues[cpu] = (struct run_queue){ .lock = SPINLOCK(LOCK_SCHED), .head_vtime = UINT64_MAX };
        list_init(&queues[cpu].waiting);
    }
    timer_init(&cap_timer, cap_period, NULL, 0);
}
