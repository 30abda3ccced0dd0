using System.Text;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Commands;
using EdgeRuntime.Tests.Cli;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Choosing the CPU's kernels by measuring, and what is kept of it on the disk. Which kernel wins, no test says.</summary>
public class KernelTunerTests
{
    /// <summary>Steps that differ: five in the network, of which the two branches' are the same but for their elements.</summary>
    private const int Different = 4;

    [Fact]
    public void The_next_start_measures_nothing_and_chooses_the_same()
    {
        using var folder = new TemporaryFolder();
        string[] chosen;
        using (CpuBackend first = Open(folder))
        {
            using ICompiledPlan compiled = first.Compile(SmallNetwork.Plan());
            Assert.Equal((Different, 0), (first.Tuner!.Measured, first.Tuner.Left));
            chosen = [.. compiled.Kernels];
        }
        using CpuBackend second = Open(folder);
        using ICompiledPlan again = second.Compile(SmallNetwork.Plan());
        Assert.Equal((0, 0), (second.Tuner!.Measured, second.Tuner.Left));
        Assert.Equal(chosen, again.Kernels);
    }

    [Fact]
    public void What_was_chosen_computes_the_same()
    {
        Graph graph = SmallNetwork.Graph(3);
        using Tensor input = SmallNetwork.Input(5, 3);
        Tensor[] expected = GraphInterpreter.Run(graph, [input.View]);
        using var backend = new CpuBackend(2) { Tuning = KernelTuning.Full };
        using ICompiledPlan compiled = backend.Compile(Planner.Plan(graph));
        input.View.Bytes.CopyTo(compiled.Input(0).Bytes);
        compiled.Run();
        for (int i = 0; i < expected.Length; i++) Assert.True(EdgeRuntime.Tools.Verification.TensorDifference.Of(compiled.Output(i), expected[i].View).MaxRelative < 1e-4);
    }

    [Fact]
    public void What_there_is_no_time_for_keeps_its_kernel_and_is_measured_later()
    {
        using var folder = new TemporaryFolder();
        using var plain = new CpuBackend(1);
        using ICompiledPlan expected = plain.Compile(SmallNetwork.Plan());
        Assert.Null(plain.Tuner);
        using (CpuBackend hurried = Open(folder, TimeSpan.Zero))
        {
            using ICompiledPlan compiled = hurried.Compile(SmallNetwork.Plan());
            Assert.Equal((0, Different), (hurried.Tuner!.Measured, hurried.Tuner.Left));
            Assert.Equal(expected.Kernels, compiled.Kernels);
        }
        Assert.Empty(Directory.GetFiles(folder.Path));
        using CpuBackend later = Open(folder);
        later.Compile(SmallNetwork.Plan()).Dispose();
        Assert.Equal(Different, later.Tuner!.Measured);
    }

    [Theory]
    [InlineData(KernelTuning.Auto)]
    [InlineData(KernelTuning.None)]
    public void Nothing_is_measured_where_rules_are_to_choose(KernelTuning tuning)
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend(1) { Tuning = tuning, CacheFolder = folder.Path };
        backend.Compile(SmallNetwork.Plan()).Dispose();
        Assert.Null(backend.Tuner);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Another_number_of_threads_has_a_file_of_its_own()
    {
        using var folder = new TemporaryFolder();
        using (CpuBackend one = Open(folder)) one.Compile(SmallNetwork.Plan()).Dispose();
        using (CpuBackend two = Open(folder, threads: 2))
        {
            two.Compile(SmallNetwork.Plan()).Dispose();
            Assert.Equal(Different, two.Tuner!.Measured);
        }
        Assert.Equal(2, Directory.GetFiles(folder.Path, "cpu-*.measured").Length);
    }

    [Fact]
    public void A_damaged_or_foreign_file_counts_as_absent_and_is_replaced()
    {
        using var folder = new TemporaryFolder();
        using (CpuBackend first = Open(folder)) first.Compile(SmallNetwork.Plan()).Dispose();
        string path = Assert.Single(Directory.GetFiles(folder.Path));
        byte[] good = File.ReadAllBytes(path);
        var damaged = new List<byte[]> { Array.Empty<byte>(), new byte[100], good[..^1], good[..(good.Length / 2)], good.Concat(good).ToArray(), Forged(good, "kernels ", "kernals "), Forged(good, "threads 1", "threads 9") };
        byte[] flipped = [.. good];
        flipped[good.Length / 2] ^= 1;
        damaged.Add(flipped);
        foreach (byte[] file in damaged)
        {
            File.WriteAllBytes(path, file);
            using CpuBackend backend = Open(folder);
            backend.Compile(SmallNetwork.Plan()).Dispose();
            Assert.Equal(Different, backend.Tuner!.Measured);
            using CpuBackend after = Open(folder);
            after.Compile(SmallNetwork.Plan()).Dispose();
            Assert.Equal(0, after.Tuner!.Measured);
        }
    }

    [Fact]
    public void Entries_that_make_no_sense_are_left_out_and_a_choice_that_cannot_be_had_is_none()
    {
        using var folder = new TemporaryFolder();
        using (CpuBackend first = Open(folder)) first.Compile(SmallNetwork.Plan()).Dispose();
        string path = Assert.Single(Directory.GetFiles(folder.Path));
        string text = File.ReadAllText(path);
        string[] lines = text.Split('\n');
        string signature = lines[3].Split('\t')[0];
        string[] entries = ["", "nonsense", "\t\t\t", $"{signature}\t-1 0 Automatic\t5\tname", $"{signature}\t0 0 Automatic\tx\tname", $"{new string('f', 64)}\t0 0 Automatic\t5\t{new string('n', 300)}", $"{signature}\t77 16 Automatic\t5\tname"];
        new RecordFile(path, string.Join('\n', lines[..3]) + "\n").Write(entries);
        using CpuBackend backend = Open(folder);
        using ICompiledPlan compiled = backend.Compile(SmallNetwork.Plan());
        // The last entry is a choice, of a maker that there is not: the automatic kernel runs.
        Assert.Equal(Different - 1, backend.Tuner!.Measured);
        Assert.DoesNotContain("evaluate", compiled.Kernels);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_no_error()
    {
        using var folder = new TemporaryFolder();
        string blocked = Path.Combine(folder.Path, "file");
        File.WriteAllText(blocked, "");
        using var backend = new CpuBackend(1) { Tuning = KernelTuning.Full, CacheFolder = blocked };
        backend.Compile(SmallNetwork.Plan()).Dispose();
        Assert.Equal(Different, backend.Tuner!.Measured);
    }

    [Fact]
    public void Steps_are_known_by_what_they_are_and_not_by_their_names()
    {
        ExecutionPlan plan = SmallNetwork.Plan(), larger = SmallNetwork.Plan(2);
        string?[] signatures = [.. plan.Steps.Select(s => KernelSignature.Of(plan, s))], others = [.. larger.Steps.Select(s => KernelSignature.Of(larger, s))];
        Assert.Equal(Different, signatures.Distinct().Count());
        Assert.Empty(signatures.Intersect(others));
        Assert.All(signatures, s => Assert.Equal(64, s!.Length));
    }

    [Fact]
    public void The_command_line_takes_it()
    {
        using var folder = new TemporaryFolder();
        Result result = Edgert.RunWith("EDGERUNTIME_CACHE", folder.Path, "bench", Repository.File("models", "blazeface-front.edge"), "--runs", "3", "--threads", "1", "--backend", "cpu", "--tune", "fast", "--json");
        Assert.Equal(ExitCode.Done, result.ExitCode);
        Assert.Single(Directory.GetFiles(Path.Combine(folder.Path, "devices"), "cpu-*.measured"));
        Edgert.Run("bench", Repository.File("models", "blazeface-front.edge"), "--tune", "sometimes").AssertFailed(ExitCode.BadInput, "EDGE7001", "sometimes");
    }

    private static CpuBackend Open(TemporaryFolder folder, TimeSpan? budget = null, int threads = 1) =>
        new(threads) { Tuning = KernelTuning.Fast, TuningBudget = budget ?? TimeSpan.FromMinutes(10), CacheFolder = folder.Path };

    private static byte[] Forged(byte[] file, string from, string to) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(file).Replace(from, to, StringComparison.Ordinal));
}
