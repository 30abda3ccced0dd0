using System.Text.Json.Serialization;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>What a process of its own does for a measurement: starts one engine with one model, and runs it a few times.</summary>
internal sealed record EngineTask
{
    /// <summary>Our runtime, as <see cref="Engine"/> says it.</summary>
    public const string Ours = "edgeruntime";

    /// <summary>The peer.</summary>
    public const string Peer = "onnxruntime";

    public required string Engine { get; init; }

    /// <summary>The model's file: .edge for ours, ONNX for the peer.</summary>
    public required string Model { get; init; }

    public required EngineInput[] Inputs { get; init; }

    public int Threads { get; init; }

    public BackendKind Backend { get; init; }

    public string? Device { get; init; }

    public GpuPrecision Precision { get; init; }

    public KernelTuning Tuning { get; init; }

    /// <summary>The same as options of a session.</summary>
    [JsonIgnore]
    public SessionOptions Options => new() { Threads = Threads, Backend = Backend, Device = Device, Precision = Precision, Tuning = Tuning };
}

/// <summary>An input: its elements are the bytes of a file.</summary>
internal sealed record EngineInput(string Name, string Type, int[] Shape, string File);

/// <summary>What such a process prints.</summary>
internal sealed record EngineResult(double LoadMs, double FirstMs, long PeakMemoryBytes, long IdleMemoryBytes);

/// <summary>How tasks and results go from process to process.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EngineTask))]
[JsonSerializable(typeof(EngineResult))]
internal sealed partial class EngineJson : JsonSerializerContext;
