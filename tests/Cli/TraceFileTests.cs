using System.Text.Json;
using EdgeRuntime.Backends;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Benchmark;
using Xunit;

namespace EdgeRuntime.Tests.Cli;

/// <summary>What bench records of runs, and the file that it makes of it, read back as a viewer would.</summary>
public class TraceFileTests
{
    private const int Runs = 3;

    private static readonly string Model = Repository.File("models", "blazeface-front.edge");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Steps_lie_within_their_runs_and_pieces_within_steps(int threads)
    {
        using EdgeModel model = EdgeReader.Read(Model);
        RunTrace trace = RunTrace.Record(model.Graph, "t", new SessionOptions { Backend = BackendKind.Cpu, Threads = threads }, Runs);
        using var session = new InferenceSession(model.Graph, new SessionOptions { Backend = BackendKind.Cpu, Threads = threads });
        string[] names = [.. session.Plan!.Steps.Select(s => s.Name)];
        Assert.Equal(Runs, trace.Runs.Count);
        for (int run = 0; run < Runs; run++)
        {
            RunTrace.StepSpan[] steps = [.. trace.Steps.Where(s => s.Run == run)];
            Assert.Equal(names, steps.Select(s => s.Name));
            Assert.Equal(session.Compiled!.Kernels, steps.Select(s => s.Kernel));
            for (int i = 0; i < steps.Length; i++)
            {
                Assert.InRange(steps[i].Time.Start, i == 0 ? trace.Runs[run].Start : steps[i - 1].Time.End, steps[i].Time.End);
                Assert.InRange(steps[i].Time.End, steps[i].Time.Start, trace.Runs[run].End);
            }
        }
        Assert.All(trace.Pieces, piece => Assert.Contains(trace.Steps, s => s.Name == piece.Name && s.Time.Start <= piece.Time.Start && piece.Time.End <= s.Time.End));
        Assert.All(trace.Pieces, piece => Assert.InRange(piece.Worker, 0, threads - 1));
        // Every tile once in each run.
        foreach (IGrouping<string, RunTrace.PieceSpan> step in trace.Pieces.GroupBy(p => p.Name))
        {
            int[] tiles = [.. step.SelectMany(p => Enumerable.Range(p.First, p.Last - p.First)).Order()];
            Assert.Equal(Enumerable.Range(0, tiles.Length).Select(i => i / Runs), tiles);
        }
    }

    [Fact]
    public void The_file_is_what_viewers_read()
    {
        string file = Path.Combine(Path.GetTempPath(), $"edgert-{Guid.NewGuid():N}.json");
        try
        {
            Result result = Edgert.Run("bench", Model, "--runs", "5", "--threads", "2", "--backend", "cpu", "--trace", file);
            Assert.True(result.ExitCode == 0, result.Errors);
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            JsonElement[] events = [.. document.RootElement.GetProperty("traceEvents").EnumerateArray()];
            HashSet<string> phases = [.. events.Select(e => e.GetProperty("ph").GetString()!)];
            Assert.Equal(["C", "M", "X"], phases.Order());
            Assert.All(events, e => Assert.True(e.GetProperty("pid").GetInt32() > 0 && e.GetProperty("tid").GetInt32() >= 0 && e.GetProperty("name").GetString()!.Length > 0));
            JsonElement[] complete = [.. events.Where(e => e.GetProperty("ph").GetString() == "X")];
            Assert.All(complete, e => Assert.True(e.GetProperty("ts").GetDouble() >= 0 && e.GetProperty("dur").GetDouble() >= 0));
            // Every track has a name, and on each of them nothing overlaps but what is nested.
            Dictionary<int, string> tracks = events.Where(e => e.GetProperty("name").GetString() == "thread_name").ToDictionary(e => e.GetProperty("tid").GetInt32(), e => e.GetProperty("args").GetProperty("name").GetString()!);
            Assert.Equal(["runs", "steps on the CPU", "worker 0, the caller", "worker 1"], tracks.Values);
            foreach (IGrouping<int, JsonElement> track in complete.GroupBy(e => e.GetProperty("tid").GetInt32()))
            {
                Assert.Contains(track.Key, tracks.Keys);
                double end = 0;
                foreach (JsonElement e in track.OrderBy(e => e.GetProperty("ts").GetDouble()))
                {
                    Assert.True(e.GetProperty("ts").GetDouble() >= end - 1e-3);
                    end = e.GetProperty("ts").GetDouble() + e.GetProperty("dur").GetDouble();
                }
            }
            JsonElement step = complete.First(e => e.GetProperty("tid").GetInt32() == 2);
            Assert.Equal(["run", "operator", "backend", "kernel", "operations", "bytes", "gflops", "gbps"], step.GetProperty("args").EnumerateObject().Select(p => p.Name));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Names_of_models_do_not_break_the_file()
    {
        const string hostile = "\"},{</script>\u0000\u001b\uD800\n";
        var trace = new RunTrace(hostile, 1, [new(0, 10)], [new(0, hostile, hostile, "vulkan", hostile, default, new(1, 5))], [new(hostile, 0, 0, 1, new(2, 3))]);
        using var stream = new MemoryStream();
        TraceFile.Write(stream, [trace]);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        Assert.Contains(document.RootElement.GetProperty("traceEvents").EnumerateArray(), e => e.TryGetProperty("cat", out JsonElement cat) && cat.GetString() == "tiles");
    }
}
