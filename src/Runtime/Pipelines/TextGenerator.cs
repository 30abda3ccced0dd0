using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines;

/// <summary>
/// Writes text letter by letter. Give it a model whose metadata says text-generation and a prompt, then take one letter after the other; nothing is allocated
/// per letter. Not for use by two threads at once.
/// </summary>
public sealed class TextGenerator : IDisposable
{
    /// <summary>The task its models declare.</summary>
    public const string Task = "text-generation";

    private readonly Dictionary<char, int> numbers = [];
    private readonly char[] letters;
    private readonly double[] weights;
    private readonly StateLoop state;
    private readonly int input, output;
    private readonly double temperature;
    private readonly ulong seed;
    private ulong random;
    private bool begun;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model; it must outlive the generator.</param>
    /// <param name="options">How letters are drawn, and threads; null for the defaults.</param>
    /// <exception cref="EdgeException">The model is for another task, or cannot run.</exception>
    public TextGenerator(EdgeModel model, TextGeneratorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new TextGeneratorOptions();
        ClassScores.Require(model.Metadata, Task);
        (temperature, seed, random) = (options.Temperature, options.Seed, options.Seed);
        Session = new InferenceSession(model.Graph, options);
        try
        {
            var request = new DecoderRequest(model.Metadata.Name, model.Metadata.Decoder!, Session, 0, 0, null);
            letters = Letters(model.Metadata, request);
            for (int i = 0; i < letters.Length; i++)
                if (!numbers.TryAdd(letters[i], i)) throw request.Wrong($"has the letter '{letters[i]}' twice");
            output = request.Output("scores", letters.Length);
            weights = new double[letters.Length];
            state = new StateLoop(model.Metadata, Session);
            input = LetterInput(model, state);
        }
        catch
        {
            Session.Dispose();
            throw;
        }
    }

    /// <summary>The session that runs the model.</summary>
    public InferenceSession Session { get; }

    /// <summary>Begins anew: with an empty state, and with the seed.</summary>
    public void Reset()
    {
        state.Reset();
        (random, begun) = (seed, false);
    }

    /// <summary>Lets the model read text that comes before what it writes.</summary>
    /// <returns>The number of letters that the model does not know and that were skipped.</returns>
    public int Read(ReadOnlySpan<char> prompt)
    {
        int skipped = 0;
        foreach (char letter in prompt)
        {
            if (numbers.TryGetValue(letter, out int number)) Step(number);
            else skipped++;
        }
        return skipped;
    }

    /// <summary>The next letter. Without a prompt the text begins as if after the first letter the model knows.</summary>
    public char Next()
    {
        if (!begun) Step(0);
        int number = Draw(Session.Output(output).Span<float>());
        Step(number);
        return letters[number];
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    private void Step(int number)
    {
        Session.Input(input).Span<long>()[0] = number;
        Session.Run();
        state.Advance();
        begun = true;
    }

    /// <summary>A letter: the likeliest one, or one drawn in proportion to exp(score / temperature).</summary>
    private int Draw(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        if (temperature == 0) return best;
        double sum = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            double weight = Math.Exp((scores[i] - (double)scores[best]) / temperature);
            // Of scores that are no numbers nothing is drawn.
            weights[i] = double.IsFinite(weight) ? weight : 0;
            sum += weights[i];
        }
        double left = Uniform() * sum;
        for (int i = 0; i < weights.Length; i++)
        {
            left -= weights[i];
            if (left < 0) return i;
        }
        return best;
    }

    /// <summary>A number from 0 up to 1, by SplitMix64: the same on every machine and in every version.</summary>
    private double Uniform()
    {
        random += 0x9E3779B97F4A7C15;
        ulong z = random;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    private static char[] Letters(ModelMetadata metadata, DecoderRequest request)
    {
        if (metadata.Labels.Count == 0 || metadata.Labels.Any(l => l.Length != 1)) throw request.Wrong("needs labels of one letter each");
        return [.. metadata.Labels.Select(l => l[0])];
    }

    private static int LetterInput(EdgeModel model, StateLoop state)
    {
        int[] others = [.. Enumerable.Range(0, model.Graph.Inputs.Count).Where(i => !state.Feeds(i))];
        if (others is [int only] && model.Graph.Inputs[only].Type is { DataType: DataType.I64, Shape: { IsStatic: true, Count: 1 } }) return only;
        throw new EdgeException(ErrorCode.WrongTask, $"'{model.Metadata.Name}' has the inputs {string.Join(", ", model.Graph.Inputs.Select(i => $"'{i.Name}' {i.Type}"))}; beside its state a generator takes the number of one letter.",
            "Convert the model again with metadata that says which inputs are state.");
    }
}
