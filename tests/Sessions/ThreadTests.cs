using System.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tests.Cli;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Threads of sessions beside each other, and of the machine.</summary>
public class ThreadTests
{
    /// <summary>More threads than cores, each caller with workers of its own; nobody waits for another's, and results do not depend on who computed them.</summary>
    [Fact]
    public void Sessions_on_several_threads_do_not_disturb_each_other()
    {
        const int callers = 4, frames = 50;
        using EdgeModel model = EdgeReader.Read(Path.Combine(Repository.Root, "models", "blazeface-front.edge"));
        byte[][] expected = [.. Enumerable.Range(0, callers).Select(c => Results(1, c, 1))];
        var actual = new byte[callers][];
        Thread[] threads = [.. Enumerable.Range(0, callers).Select(c => new Thread(() => actual[c] = Results(3, c, frames)))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) Assert.True(thread.Join(TimeSpan.FromMinutes(5)), "A caller waits for ever.");
        Assert.Equal(expected, actual);

        byte[] Results(int workers, int seed, int runs)
        {
            using var session = new InferenceSession(model.Graph, new SessionOptions { Threads = workers });
            var random = new Random(seed);
            foreach (ref float value in session.Input(0).Span<float>()) value = random.NextSingle() - 0.5f;
            for (int i = 0; i < runs; i++) session.Run();
            return [.. Enumerable.Range(0, model.Graph.Outputs.Count).SelectMany(o => session.Output(o).Bytes.ToArray())];
        }
    }

    [Fact]
    public void As_many_threads_as_the_process_may_use_cores()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/taskset"))
        {
            Assert.Skip("taskset, which limits a process to some cores, is not on this machine");
            return;
        }
        using Process self = Process.GetCurrentProcess();
        int core = System.Numerics.BitOperations.TrailingZeroCount((ulong)self.ProcessorAffinity);
        Result devices = Edgert.RunThrough(["/usr/bin/taskset", "-c", $"{core}"], "devices");
        Assert.Equal(0, devices.ExitCode);
        Assert.Contains("1 core)", devices.Output);
    }
}
