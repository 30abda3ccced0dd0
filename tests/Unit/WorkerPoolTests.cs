using EdgeRuntime.Backends.Cpu;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

public class WorkerPoolTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 100)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 7)]
    [InlineData(4, 1009)]
    [InlineData(9, 5)]
    public void Runs_each_tile_once(int workers, int tiles)
    {
        using var pool = new WorkerPool(workers);
        var kernel = new CountingKernel(tiles);

        pool.Run(kernel);

        Assert.All(kernel.Counts, count => Assert.Equal(1, count));
        Assert.InRange(kernel.HighestWorker, 0, workers - 1);
    }

    /// <summary>A worker that is held up loses no tile: what it has not taken yet, others take.</summary>
    [Fact]
    public void Takes_over_what_a_slow_worker_has_not_begun()
    {
        using var pool = new WorkerPool(2);
        var slow = new HeldUpKernel(64);
        pool.Run(slow);
        Assert.Equal(64, slow.Done);
        Assert.True(slow.ByTheOther >= 48, $"the other did {slow.ByTheOther} of 64");
    }

    [Fact]
    public void Deals_all_tiles_however_many()
    {
        var shares = new TileShares(3);
        foreach (int tiles in (int[])[1, 2, 3, 5, 1009, int.MaxValue])
        {
            shares.Deal(tiles);
            long sum = 0;
            for (int worker = 0; shares.TryTake(worker, out int first, out int last); worker = (worker + 1) % 3) sum += last - first;
            Assert.Equal(tiles, sum);
        }
        shares.Deal(10);
        shares.Clear();
        Assert.False(shares.TryTake(1, out _, out _));
    }

    [Fact]
    public void Runs_many_kernels_one_after_the_other()
    {
        using var pool = new WorkerPool(3);
        var kernels = new[] { new CountingKernel(11), new CountingKernel(1), new CountingKernel(64) };
        const int rounds = 5_000;

        for (int i = 0; i < rounds; i++)
            foreach (CountingKernel kernel in kernels) pool.Run(kernel);

        foreach (CountingKernel kernel in kernels) Assert.All(kernel.Counts, count => Assert.Equal(rounds, count));
    }

    [Fact]
    public void Wakes_workers_that_sleep()
    {
        using var pool = new WorkerPool(2);
        var meeting = new MeetingKernel();
        // Both tiles wait for each other, so this ends only if a second thread takes one of them.
        for (int i = 0; i < 3; i++)
        {
            pool.Run(meeting);
            Thread.Sleep(20);
        }
        Assert.Equal(3, meeting.Meetings);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Throws_what_a_tile_throws_and_goes_on(int workers)
    {
        using var pool = new WorkerPool(workers);
        for (int failing = 0; failing < 40; failing++)
        {
            var broken = new CountingKernel(40) { FailingTile = failing };
            var thrown = Assert.Throws<InvalidTimeZoneException>(() => pool.Run(broken));
            Assert.Equal($"tile {failing}", thrown.Message);
        }
        var kernel = new CountingKernel(40);
        pool.Run(kernel);
        Assert.All(kernel.Counts, count => Assert.Equal(1, count));
    }

    [Fact]
    public void Ends_its_threads_when_disposed()
    {
        var seen = new ThreadsKernel();
        using (var pool = new WorkerPool(3)) pool.Run(seen);
        Assert.All(seen.Threads.Where(t => t != Thread.CurrentThread), thread => Assert.False(thread.IsAlive));
    }

    [Fact]
    public void Refuses_two_callers_at_once()
    {
        using var pool = new WorkerPool(2);
        Assert.Throws<InvalidOperationException>(() => pool.Run(new NestedKernel(pool)));
        pool.Run(new CountingKernel(3));
    }

    private sealed class CountingKernel(int tiles) : CpuKernel
    {
        public readonly int[] Counts = new int[tiles];
        public int FailingTile = -1;
        private int highest;

        public int HighestWorker => highest;

        public override string Name => "counting";

        public override int Tiles => Counts.Length;

        public override void Run(int first, int last, int worker)
        {
            int seen = highest;
            while (worker > seen) seen = Interlocked.CompareExchange(ref highest, worker, seen);
            for (int i = first; i < last; i++)
            {
                Interlocked.Increment(ref Counts[i]);
                if (i == FailingTile) throw new InvalidTimeZoneException($"tile {i}");
            }
        }
    }

    /// <summary>Whoever takes the first tile waits until the tiles that nobody took with it are done.</summary>
    private sealed class HeldUpKernel(int tiles) : CpuKernel
    {
        private int done, byTheOther;

        public int Done => done;

        public int ByTheOther => byTheOther;

        public override string Name => "held up";

        public override int Tiles => tiles;

        public override void Run(int first, int last, int worker)
        {
            if (first == 0) Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done) == tiles - last, TimeSpan.FromSeconds(60)), "The others did not take over.");
            else Interlocked.Add(ref byTheOther, last - first);
            Interlocked.Add(ref done, last - first);
        }
    }

    private sealed class MeetingKernel : CpuKernel
    {
        private readonly Barrier barrier = new(2);

        public long Meetings => barrier.CurrentPhaseNumber;

        public override string Name => "meeting";

        public override int Tiles => 2;

        public override void Run(int first, int last, int worker)
        {
            for (int i = first; i < last; i++) Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(60)), "No other worker came.");
        }
    }

    private sealed class ThreadsKernel : CpuKernel
    {
        private readonly Barrier barrier = new(3);
        private readonly Thread[] threads = new Thread[3];

        public IEnumerable<Thread> Threads => threads;

        public override string Name => "threads";

        public override int Tiles => 3;

        public override void Run(int first, int last, int worker)
        {
            threads[first] = Thread.CurrentThread;
            Assert.True(barrier.SignalAndWait(TimeSpan.FromSeconds(60)), "No other worker came.");
        }
    }

    private sealed class NestedKernel(WorkerPool pool) : CpuKernel
    {
        public override string Name => "nested";

        public override int Tiles => 2;

        public override void Run(int first, int last, int worker) => pool.Run(this);
    }
}
