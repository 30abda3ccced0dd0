using EdgeRuntime.Tools.Benchmark;
using Xunit;

namespace EdgeRuntime.Tests.Benchmark;

/// <summary>Who runs when, and when it is enough. How long anything takes, no test says.</summary>
public class TurnsTests
{
    [Fact]
    public void Sides_take_turns_and_each_round_goes_the_other_way_around()
    {
        var order = new List<char>();
        Contender[] sides = [Side('a'), Side('b')];
        bool counting = false;
        Turns.Measure(sides, new TurnLimits(4), threads: 1, stop: TestContext.Current.CancellationToken, progress: _ => counting = true);
        Assert.True(counting);
        Assert.Equal(4, sides[0].Samples.Count);
        Assert.Equal(4, sides[1].Samples.Count);
        Assert.Equal("abbaabba", new string([.. order[^8..]]));

        Contender Side(char name) => new($"{name}", () => order.Add(name), isCompiledAhead: true);
    }

    [Fact]
    public void With_several_threads_the_first_runs_of_a_turn_are_not_counted()
    {
        int runs = 0;
        Contender[] sides = [new("a", () => runs++, isCompiledAhead: true), new("b", () => { }, isCompiledAhead: true)];
        Turns.Measure(sides, new TurnLimits(10), threads: 2, stop: TestContext.Current.CancellationToken);
        Assert.Equal(sides[0].Samples.Count, sides[1].Samples.Count);
        Assert.InRange(sides[0].Samples.Count, 10, 10 + 29);
        Assert.InRange(runs, sides[0].Samples.Count + 1, int.MaxValue);
    }

    [Fact]
    public void Runs_and_time_both_have_to_be_enough_as_MLPerf_asks()
    {
        Assert.Equal(new TurnLimits(1024, TimeSpan.FromSeconds(60)), TurnLimits.SingleStream);
        var side = new Contender("a", () => Thread.Sleep(1), isCompiledAhead: true);
        Turns.Measure([side], new TurnLimits(5, TimeSpan.FromMilliseconds(50)), threads: 1, stop: TestContext.Current.CancellationToken);
        Assert.InRange(side.Total, TimeSpan.FromMilliseconds(50), TimeSpan.MaxValue);
        Assert.InRange(side.Samples.Count, 5, 50);
    }

    [Fact]
    public void The_longest_time_ends_it_after_three_runs()
    {
        var side = new Contender("a", () => { }, isCompiledAhead: true);
        Turns.Measure([side], new TurnLimits(1000, AtMost: TimeSpan.Zero), threads: 1, stop: TestContext.Current.CancellationToken);
        Assert.Equal(TurnLimits.Fewest, side.Samples.Count);
    }

    [Fact]
    public void Garbage_of_counted_runs_is_counted()
    {
        object[]? kept = null;
        var side = new Contender("a", () => kept = new object[100], isCompiledAhead: true);
        Turns.Measure([side], new TurnLimits(10), threads: 1, stop: TestContext.Current.CancellationToken);
        Assert.NotNull(kept);
        Assert.InRange(side.AllocatedBytes, 10 * 100 * IntPtr.Size, 10 * 200 * IntPtr.Size);
    }

    [Fact]
    public void It_can_be_ended()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => Turns.Measure([new Contender("a", () => { })], new TurnLimits(5), threads: 1, stop: source.Token));
    }
}
