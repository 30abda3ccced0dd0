using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Inputs of a model that takes rows of numbers which another model makes of sound, such as a spectrum's: all sounds after one another, and from these places evenly spread.</summary>
internal sealed class RowSamples : SampleSet
{
    private readonly TensorType type;
    private readonly List<float[]> samples = [];

    /// <summary>Makes the rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="maker">What makes its rows.</param>
    /// <param name="source">The sounds.</param>
    /// <param name="most">How many samples at most.</param>
    /// <exception cref="EdgeException">The source holds no sound, or the models do not fit.</exception>
    public RowSamples(EdgeModel model, SampleMaker maker, DataSource source, int most)
    {
        if (model.Graph.Inputs is not [{ } input]) throw Wrong(model, $"has {model.Graph.Inputs.Count} inputs; rows fill only one");
        string[] sounds = [.. source.Samples.Select(s => s.Content).OfType<SoundContent>().Select(s => s.Path)];
        (float[] rows, int width) = Rows(maker, sounds);
        type = InputType(model, input);
        int length = (int)type.Shape.Count, window = length / width, last = rows.Length / width - window;
        if (length % width != 0 || last < 0) throw Wrong(model, $"takes {type}, for which '{maker.Model}' makes {rows.Length / width} rows of {width}");
        int count = Math.Min(most, last + 1);
        for (int i = 0; i < count; i++) samples.Add(rows.AsSpan((int)((long)last * i / Math.Max(1, count - 1)) * width, length).ToArray());
        Description = $"{count} windows of what {maker.Model} makes of {source.Description}";
    }

    public override int Count => samples.Count;

    public override string Description { get; }

    public override string NameOf(int index) => $"window {index}";

    public override Tensor[] Inputs(int index)
    {
        var tensor = new Tensor(type);
        samples[index].CopyTo(tensor.Span<float>());
        return [tensor];
    }

    /// <summary>The rows that a model makes of sounds, scaled as its reader wants them: of sound part by part, of another model's rows window by window.</summary>
    private static (float[] Rows, int Width) Rows(SampleMaker maker, IReadOnlyList<string> sounds)
    {
        ZooModel known = ModelZoo.Default.Get(maker.Model);
        using LoadedModel loaded = ModelLoader.Load(known.Name);
        Value input = loaded.Model.Graph.Inputs[0];
        (float[] from, int width, int step, TensorType type) = known.Sound is { } sound ? OfSound(sound, sounds, maker.SoundScale, input.Type) : OfRows(loaded.Model, input, maker, known, sounds);
        using var session = new InferenceSession(loaded.Model.Graph.IsStatic ? loaded.Model.Graph : GraphBinding.Bind(loaded.Model.Graph, [type.Shape]), new SessionOptions { Backend = Backends.BackendKind.Cpu });
        var rows = new List<float>();
        for (int at = 0; at + type.Shape.Count <= from.Length; at += step * width)
        {
            from.AsSpan(at, (int)type.Shape.Count).CopyTo(session.Input(0).Span<float>());
            session.Run();
            foreach (float x in session.Output(0).Span<float>()) rows.Add(x * maker.Scale + maker.Offset);
        }
        return ([.. rows], session.Output(0).Shape[-1]);
    }

    private static (float[] From, int Width, int Step, TensorType Type) OfSound(SoundInput sound, IReadOnlyList<string> files, float scale, TensorType input)
    {
        var samples = new List<float>();
        foreach (string file in files)
            foreach (float x in SoundFile.Read(file, sound.SampleRate)) samples.Add(x * scale);
        return ([.. samples], 1, sound.Samples, new TensorType(input.DataType, 1, sound.Context + sound.Samples));
    }

    private static (float[] From, int Width, int Step, TensorType Type) OfRows(EdgeModel model, Value input, SampleMaker maker, ZooModel known, IReadOnlyList<string> sounds)
    {
        (float[] rows, int width) = Rows(known.Before ?? throw Wrong(model, "takes no sound, and the zoo does not say what makes its input of it"), sounds);
        return (rows, width, maker.Step, InputType(model, input));
    }

    /// <summary>The type of an input; of an open one that which the zoo tries it with.</summary>
    private static TensorType InputType(EdgeModel model, Value input) => input.Type.Shape.IsStatic ? input.Type
        : new TensorType(input.Type.DataType, TrialFacts.Find(new ModelFacts(model).Case.Shapes, input.Name) ?? throw Wrong(model, $"takes {input.Type.Format(model.Graph.Symbols)}, whose shape is open"));

    private static EdgeException Wrong(EdgeModel model, string problem) => new(ErrorCode.WrongTask, $"'{model.Metadata.Name}' {problem}.", "Give samples as .npz files.");
}
