using System.Diagnostics;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Reference;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>
/// Runs an engine in a process that does nothing else: only there is a start cold, and only there does the peak of memory belong to one engine. The program starts itself
/// again with the hidden verb <see cref="Verb"/>.
/// </summary>
internal static class EngineProcess
{
    /// <summary>The verb; it is not for users.</summary>
    public const string Verb = "bench-engine";

    /// <summary>Runs after the first, so that memory that is only taken then is seen.</summary>
    private const int MoreRuns = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Starts the process and waits for what it says.</summary>
    /// <param name="task">What it does.</param>
    /// <param name="folder">Where the task is written.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="EdgeException">It failed.</exception>
    public static EngineResult Start(EngineTask task, string folder, CancellationToken stop)
    {
        string file = Path.Combine(folder, $"{task.Engine}.json"), program = Environment.ProcessPath!;
        File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(task, EngineJson.Default.EngineTask));
        // A program that dotnet runs is a file to give to it.
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(EngineProcess).Assembly.Location] : [];
        using Process process = Process.Start(new ProcessStartInfo(program, [.. self, Verb, file])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(stop), errors = process.StandardError.ReadToEndAsync(stop);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            process.WaitForExitAsync(patience.Token).GetAwaiter().GetResult();
            if (process.ExitCode == 0) return JsonSerializer.Deserialize(output.GetAwaiter().GetResult(), EngineJson.Default.EngineResult)!;
            throw Failed(errors.GetAwaiter().GetResult().Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            stop.ThrowIfCancellationRequested();
            throw Failed($"it did not end within {Patience.TotalMinutes:0} minutes");
        }
        catch (JsonException e)
        {
            throw Failed($"it printed something else: {e.Message}");
        }
    }

    /// <summary>What the process itself does; returns what it prints.</summary>
    /// <param name="file">The task.</param>
    /// <exception cref="EdgeException">The task or the model cannot be read or run.</exception>
    public static EngineResult Run(string file)
    {
        EngineTask task = Read(file);
        (string Name, TensorView Value)[] inputs = [.. task.Inputs.Select(i => (i.Name, Load(i).View))];
        return task.Engine == EngineTask.Ours ? RunOurs(task, Array.ConvertAll(inputs, i => i.Value)) : RunPeer(task, inputs);
    }

    /// <summary>Writes inputs as a task names them.</summary>
    public static EngineInput[] WriteInputs(BenchSubject subject) =>
    [
        .. subject.Named.Select((input, i) =>
        {
            string path = Path.Combine(subject.Folder, $"input-{i}.bin");
            if (!File.Exists(path)) File.WriteAllBytes(path, input.Value.Bytes.ToArray());
            return new EngineInput(input.Name, input.Value.DataType.ToString(), input.Value.Shape.Span.ToArray(), path);
        }),
    ];

    private static EngineResult RunOurs(EngineTask task, TensorView[] inputs)
    {
        long idle = Peak(), start = Stopwatch.GetTimestamp();
        using EdgeModel model = EdgeReader.Read(task.Model);
        using var session = new InferenceSession(model.Graph, task.Options);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        start = Stopwatch.GetTimestamp();
        session.Run(inputs);
        double first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        for (int i = 0; i < MoreRuns; i++) session.Run(inputs);
        return new EngineResult(load, first, Peak(), idle);
    }

    private static EngineResult RunPeer(EngineTask task, (string Name, TensorView Value)[] inputs)
    {
        IReferenceRuntime peer = ReferenceRuntime.Load();
        long idle = Peak(), start = Stopwatch.GetTimestamp();
        using IReferenceModel model = peer.LoadFile(task.Model, task.Threads);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        model.SetInputs(inputs);
        start = Stopwatch.GetTimestamp();
        model.Run();
        double first = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        for (int i = 0; i < MoreRuns; i++) model.Run();
        return new EngineResult(load, first, Peak(), idle);
    }

    /// <summary>The most memory that this process has had.</summary>
    public static long Peak()
    {
        using Process process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static EngineTask Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(file), EngineJson.Default.EngineTask) ?? throw new JsonException("the file holds null");
        }
        catch (JsonException e)
        {
            throw new EdgeException(ErrorCode.BadUsage, $"'{file}' is no task: {e.Message}", "`edgert bench` starts this verb itself.", e);
        }
    }

    private static Tensor Load(EngineInput input)
    {
        if (!Enum.TryParse(input.Type, out DataType type) || input.Shape.Length > Shape.MaxRank || Array.Exists(input.Shape, d => d < 0))
            throw new EdgeException(ErrorCode.BadUsage, $"The input '{input.Name}' has no type or shape that there is.");
        var tensor = new Tensor(new TensorType(type, new Shape(input.Shape)));
        byte[] bytes = File.ReadAllBytes(input.File);
        if (bytes.Length != tensor.View.Bytes.Length) throw new EdgeException(ErrorCode.BadUsage, $"'{input.File}' has {bytes.Length:N0} bytes; the input '{input.Name}' has {tensor.View.Bytes.Length:N0}.");
        bytes.CopyTo(tensor.View.Bytes);
        return tensor;
    }

    private static EdgeException Failed(string why) => new(ErrorCode.CannotRead, $"The process that measures a start failed: {why}", "Leave that part out with --no-start.");
}
