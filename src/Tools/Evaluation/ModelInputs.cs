using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Pictures;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Makes the inputs of one model of what samples hold. A model that carries state sees a sound window by window, others see one window from its middle. Of a text a model that writes sees letter by letter.</summary>
internal sealed class ModelInputs : IDisposable
{
    private readonly EdgeModel model;
    private readonly ModelFacts facts;
    private readonly Frame frame = new();
    private ImagePreprocessor? preprocessor;
    private TextVocabulary? vocabulary;
    private FrameSource? video;
    private FrameContent? shown;

    public ModelInputs(EdgeModel model) : this(model, new ModelFacts(model))
    {
    }

    public ModelInputs(EdgeModel model, ModelFacts facts) => (this.model, this.facts) = (model, facts);

    /// <summary>The tensors of each step, in the order of the graph's inputs; inputs that carry state are zeros. The caller owns them.</summary>
    /// <exception cref="EdgeException">The content cannot be read, or the model takes no such thing.</exception>
    public IEnumerable<Tensor[]> Steps(SampleContent content) => content switch
    {
        PictureContent picture => [OfPicture(() => PictureFile.Read(picture.Path, frame))],
        FrameContent picture => [OfPicture(() => Show(picture))],
        TextContent text => facts.Task == TextGenerator.Task ? OfLetters(text.Text) : [OfWords(text.Text)],
        SoundContent sound => OfSound(sound.Path),
        NumbersContent numbers => [OfNumbers(numbers.Values)],
        ArraysContent arrays => [OfArrays(arrays.Path)],
        _ => throw new ArgumentException($"{content.GetType().Name} is unknown.", nameof(content)),
    };

    /// <summary>The tensors of the first step.</summary>
    public Tensor[] First(SampleContent content) => Steps(content).First();

    /// <summary>The numbers of a text's letters, for a model whose labels are letters; those that it does not know are left out.</summary>
    public int[] LettersOf(string text)
    {
        if (facts.Labels.Count == 0 || facts.Labels.Any(l => l.Length != 1)) throw Wrong("has no letters, so it does not write");
        string letters = string.Concat(facts.Labels);
        return [.. text.Select(letter => letters.IndexOf(letter, StringComparison.Ordinal)).Where(number => number >= 0)];
    }

    public void Dispose() => video?.Dispose();

    private Tensor[] OfPicture(Action read)
    {
        ImageInput image = facts.Image ?? throw Wrong("does not say how a picture becomes its input");
        int index = IndexOf(image.Input, "pictures");
        Tensor tensor = Empty(index, null);
        read();
        preprocessor ??= new ImagePreprocessor(image, tensor.Type);
        preprocessor.Write(frame, tensor.Span<float>());
        return With(index, tensor);
    }

    /// <summary>Reads on to a frame, or from the beginning where it lies behind.</summary>
    private void Show(FrameContent wanted)
    {
        if (video is null || shown is null || shown.Path != wanted.Path || shown.Index > wanted.Index)
        {
            video?.Dispose();
            (video, shown) = (FrameSource.Open(wanted.Path), new FrameContent(wanted.Path, -1));
        }
        while (shown.Index < wanted.Index)
        {
            if (!video.Read(frame)) throw new EdgeException(ErrorCode.CannotDecode, $"'{wanted.Path}' ends before frame {wanted.Index}.");
            shown = shown with { Index = shown.Index + 1 };
        }
    }

    private Tensor[] OfWords(string text)
    {
        vocabulary ??= new TextVocabulary(model.Metadata);
        if (model.Graph.Inputs is not [{ Type: { DataType: DataType.I64, Shape.IsStatic: true } }]) throw Wrong("has not one row of numbers of words as its input");
        Tensor tensor = Empty(0, null);
        vocabulary.Write(text, tensor.Span<long>());
        return [tensor];
    }

    private IEnumerable<Tensor[]> OfLetters(string text)
    {
        foreach (int letter in LettersOf(text)) yield return OfNumbers([letter]);
    }

    private IEnumerable<Tensor[]> OfSound(string path)
    {
        SoundInput sound = facts.Sound ?? throw Wrong("does not say how sound becomes its input");
        int index = IndexOf(sound.Input, "sound");
        if ((long)sound.Context + sound.Samples > SoundFile.MostSamples || sound.Samples < 1 || sound.Context < 0) throw Wrong($"says that it takes {sound.Samples:N0} samples at a time with {sound.Context:N0} before them");
        float[] samples = SoundFile.Read(path, sound.SampleRate);
        if (facts.State.Count > 0 || facts.Task == VoiceTask)
        {
            for (int from = 0; from < samples.Length; from += sound.Samples) yield return With(index, Window(index, sound, samples, from));
            if (samples.Length == 0) throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' holds no sound.");
        }
        else yield return With(index, Window(index, sound, samples, (samples.Length - sound.Samples) / 2));
    }

    /// <summary>The task of models that tell speech from silence window by window, whether or not they carry state.</summary>
    public const string VoiceTask = "voice-activity";

    private Tensor Window(int index, SoundInput sound, float[] samples, int from)
    {
        int length = sound.Context + sound.Samples;
        Tensor tensor = Empty(index, length);
        if (tensor.Shape.Count != length) throw Wrong($"says that it takes {length} samples at a time, and its input '{sound.Input}' is {tensor.Type}");
        Span<float> window = tensor.Span<float>();
        for (int i = 0; i < window.Length; i++) window[i] = from - sound.Context + i is var at && (uint)at < (uint)samples.Length ? samples[at] : 0;
        return tensor;
    }

    private Tensor[] OfNumbers(float[] values)
    {
        int[] free = [.. Enumerable.Range(0, model.Graph.Inputs.Count).Where(i => !facts.State.ContainsKey(NameOf(i)) && TrialFacts.Find(facts.Case.Values, NameOf(i)) is null)];
        if (free.Length != 1) throw Wrong($"has {free.Length} inputs that lists of numbers could be for");
        Tensor tensor = Empty(free[0], values.Length);
        if (tensor.Shape.Count != values.Length) throw new EdgeException(ErrorCode.InputMismatch, $"Input '{NameOf(free[0])}' of '{model.Metadata.Name}' is {tensor.Type}; a sample has {values.Length} numbers.");
        Fill(tensor, values);
        return With(free[0], tensor);
    }

    private Tensor[] OfArrays(string path)
    {
        IReadOnlyDictionary<string, Tensor> arrays = NumpyFile.Read(path);
        var tensors = new Tensor[model.Graph.Inputs.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            Value input = model.Graph.Inputs[i];
            // A single array need not bear the input's name.
            Tensor? given = arrays.TryGetValue(input.Name, out Tensor? named) ? named : arrays.Count == 1 && tensors.Length == 1 ? arrays.Values.First() : null;
            if (given is null)
            {
                tensors[i] = Other(i);
                continue;
            }
            if (given.Type.DataType != input.Type.DataType)
            {
                var cast = new Tensor(new TensorType(input.Type.DataType, given.Shape));
                new Cast { To = input.Type.DataType }.Evaluate([given.View], [cast.View]);
                given = cast;
            }
            if (!input.Type.Shape.Accepts(given.Shape)) throw new EdgeException(ErrorCode.InputMismatch, $"Input '{input.Name}' of '{model.Metadata.Name}' is {input.Type.Format(model.Graph.Symbols)}; '{path}' has {given.Type}.");
            tensors[i] = given;
        }
        return tensors;
    }

    /// <summary>All inputs, one of them given.</summary>
    private Tensor[] With(int index, Tensor given) => [.. Enumerable.Range(0, model.Graph.Inputs.Count).Select(i => i == index ? given : Other(i))];

    /// <summary>An input that is no content: zeros where it carries state, else what is known of it.</summary>
    private Tensor Other(int index)
    {
        bool isState = facts.State.ContainsKey(NameOf(index));
        double[]? values = TrialFacts.Find(facts.Case.Values, NameOf(index));
        if (!isState && values is not { Length: > 0 }) throw Wrong($"has the input '{NameOf(index)}', and nobody says what it is to be");
        Tensor tensor = Empty(index, null);
        if (!isState) Fill(tensor, [.. Enumerable.Repeat((float)values![0], (int)tensor.Shape.Count)]);
        return tensor;
    }

    /// <summary>A tensor of zeros for an input. Of open dimensions the first is a batch of one, and one other follows from the number of elements.</summary>
    private Tensor Empty(int index, int? elements)
    {
        Value input = model.Graph.Inputs[index];
        Shape shape = input.Type.Shape;
        if (shape.IsStatic) return new Tensor(new TensorType(input.Type.DataType, shape));
        int[] sizes = elements is null && TrialFacts.Find(facts.Case.Shapes, input.Name) is { } given ? given : shape.IsUnranked && elements is { } all ? [1, all] : shape.IsUnranked ? [] : shape.Span.ToArray();
        if (sizes.Length > 1 && sizes[0] < 0) sizes[0] = 1;
        int[] open = [.. Enumerable.Range(0, sizes.Length).Where(i => sizes[i] < 0)];
        long known = sizes.Where(s => s >= 0).Aggregate(1L, (a, b) => a * b);
        if (open.Length == 1 && elements is { } count && known > 0 && count % known == 0) sizes[open[0]] = (int)(count / known);
        if (shape.IsUnranked && sizes.Length == 0 || sizes.Any(s => s < 0))
            throw new EdgeException(ErrorCode.BadUsage, $"Input '{input.Name}' of '{model.Metadata.Name}' is {input.Type.Format(model.Graph.Symbols)}: its shape is open.", $"Fix it, as in --input {input.Name}=1x3x320x320.");
        return new Tensor(new TensorType(input.Type.DataType, sizes));
    }

    private static void Fill(Tensor tensor, float[] values)
    {
        using var wide = Tensor.From<float>(tensor.Shape, values);
        new Cast { To = tensor.Type.DataType }.Evaluate([wide.View], [tensor.View]);
    }

    private int IndexOf(string name, string what)
    {
        for (int i = 0; i < model.Graph.Inputs.Count; i++)
            if (NameOf(i) == name) return i;
        throw Wrong($"has no input '{name}', which its {what} would be for");
    }

    private string NameOf(int index) => model.Graph.Inputs[index].Name;

    private EdgeException Wrong(string problem) => new(ErrorCode.WrongTask, $"'{model.Metadata.Name}' {problem}.", "Give data of a kind that it takes: pictures, sound, a CSV file of numbers, or .npz files with an array for each input.");
}
