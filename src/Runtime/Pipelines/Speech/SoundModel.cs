using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// A model that hears sound window by window, with the state it keeps from one to the next. Shapes that the model file leaves open are fixed to one window of one sound,
/// and an input that asks for the rate of samples is told it once, so nothing is planned later.
/// </summary>
internal sealed class SoundModel : IDisposable
{
    private readonly StateLoop state;
    private readonly int input;
    private readonly SoundInput sound;

    /// <summary>Prepares a model.</summary>
    /// <exception cref="EdgeException">It is for another task, does not say how it hears, or cannot run.</exception>
    public SoundModel(EdgeModel model, string task, SessionOptions? options)
    {
        ModelTask.Require(model.Metadata, task);
        sound = model.Metadata.Sound ?? throw Wrong(model, "does not say how sound becomes its input");
        if (sound.Samples < 1 || sound.Context < 0 || (long)sound.Samples + sound.Context > MostSamples || sound.SampleRate < 1)
            throw Wrong(model, $"says that it takes {sound.Samples:N0} samples at {sound.SampleRate:N0} Hz with {sound.Context:N0} before them");
        Session = new InferenceSession(Fixed(model), options);
        try
        {
            input = Session.InputIndex(sound.Input);
            TensorType type = Session.Graph.Inputs[input].Type;
            if (type.DataType != DataType.F32 || !type.Shape.IsStatic || type.Shape.Count != sound.Samples + sound.Context) throw Wrong(model, $"says that it takes {sound.Samples + sound.Context:N0} samples as '{sound.Input}', which is {type}");
            state = new StateLoop(model.Metadata, Session);
            Reset();
        }
        catch
        {
            Session.Dispose();
            throw;
        }
    }

    private const int MostSamples = 1 << 24;

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session { get; }

    /// <summary>Samples of a window.</summary>
    public int WindowSamples => sound.Samples;

    /// <summary>Samples a second.</summary>
    public int SampleRate => sound.SampleRate;

    /// <summary>The output that carries no state.</summary>
    /// <exception cref="EdgeException">There are several, or it is not of so many floats.</exception>
    public int Result(EdgeModel model, long count)
    {
        HashSet<string> carried = [.. model.Metadata.State.Values];
        int[] free = [.. Enumerable.Range(0, Session.Graph.Outputs.Count).Where(i => !carried.Contains(Session.Graph.Outputs[i].Name))];
        return free.Length == 1 && Session.Output(free[0]).Type is { DataType: DataType.F32 } type && type.Shape.Count == count ? free[0]
            : throw Wrong(model, $"has not one output of {Quantity(count)} besides its state");
    }

    /// <summary>Forgets what was heard.</summary>
    public void Reset()
    {
        state.Reset();
        Session.Input(input).Bytes.Clear();
    }

    /// <summary>Hears the next window and returns when outputs can be read.</summary>
    /// <exception cref="ArgumentException">The window has another length.</exception>
    public void Hear(ReadOnlySpan<float> window)
    {
        if (window.Length != sound.Samples) throw new ArgumentException($"A window has {sound.Samples} samples, not {window.Length}.", nameof(window));
        Span<float> heard = Session.Input(input).Span<float>();
        // What was heard last stays in front of what comes now.
        heard[sound.Samples..].CopyTo(heard);
        window.CopyTo(heard[sound.Context..]);
        Session.Run();
        state.Advance();
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>An error that names the model.</summary>
    public static EdgeException Wrong(EdgeModel model, string problem) => new(ErrorCode.WrongTask, $"'{model.Metadata.Name}' {problem}.", "Convert the model again with right metadata.");

    private static string Quantity(long count) => count == 1 ? "one float" : $"{count:N0} floats";

    private Graph Fixed(EdgeModel model)
    {
        IReadOnlyList<Value> inputs = model.Graph.Inputs;
        if (inputs.All(i => i.Type.Shape.IsStatic && i.Type.DataType == DataType.F32)) return model.Graph;
        var operands = new Operand[inputs.Count];
        for (int i = 0; i < operands.Length; i++)
        {
            TensorType type = inputs[i].Type;
            if (type.Shape.IsUnranked) throw Wrong(model, $"leaves open how many dimensions its input '{inputs[i].Name}' has");
            bool isSound = inputs[i].Name == sound.Input;
            var shape = new Shape([.. type.Shape.Span.ToArray().Select((size, axis) => size >= 0 ? size : isSound && axis == type.Shape.Rank - 1 ? sound.Samples + sound.Context : 1)]);
            operands[i] = new Operand(type with { Shape = shape });
            if (isSound || model.Metadata.State.ContainsKey(inputs[i].Name) || type.DataType is not (DataType.I64 or DataType.I32) || shape.Count != 1) continue;
            var rate = new Tensor(type with { Shape = shape });
            if (type.DataType == DataType.I64) rate.Span<long>()[0] = sound.SampleRate;
            else rate.Span<int>()[0] = sound.SampleRate;
            operands[i] = new Operand(rate.Type, rate.View);
        }
        return GraphBinding.Bind(model.Graph, operands);
    }
}
