using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// Writes down what is said in a stretch of sound, with an encoder of sound and a decoder of tokens as Moonshine's (Jeffries et al., 2024): the most likely token after each, with keys and values
/// of those before kept, until the model ends the text. Each stretch has a length of its own, for which it is planned, so this allocates. Not for use by two threads at once.
/// </summary>
public sealed class SpeechRecognizer : IDisposable
{
    /// <summary>The task of encoders.</summary>
    public const string EncoderTask = "speech-encoder";

    /// <summary>The task of decoders.</summary>
    public const string DecoderTask = "speech-decoder";

    private const long Start = 1, End = 2;

    // Nobody says more; a model that goes on repeats itself.
    private const double TokensPerSecond = 6.5;

    private const int Rate = 16000, LongestSeconds = 64;

    private const string Past = "past_key_values.", Present = "present.";

    private readonly InferenceSession encode, decode;
    private readonly TokenVocabulary vocabulary;
    private readonly Dictionary<string, int> inputOf = [];
    private readonly (int Input, int Output)[] carried;
    private readonly Tensor[] empty;
    private readonly TensorView[] inputs;
    private readonly int tokenInput, featureInput, cacheInput, logits;
    private readonly Tensor token = new(new TensorType(DataType.I64, 1, 1)), useCache = new(new TensorType(DataType.Bool, 1));
    private readonly List<long> tokens = [];

    /// <summary>Prepares two models, which must outlive it.</summary>
    /// <param name="encoder">Sound to features.</param>
    /// <param name="decoder">Features and the tokens before to the next token.</param>
    /// <param name="vocabulary">Texts of the tokens.</param>
    /// <param name="options">Where they run, or null for the defaults.</param>
    /// <exception cref="EdgeException">They are no such pair, or cannot run.</exception>
    public SpeechRecognizer(EdgeModel encoder, EdgeModel decoder, TokenVocabulary vocabulary, SessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(vocabulary);
        this.vocabulary = vocabulary;
        if (encoder.Graph.Inputs.Count != 1 || encoder.Graph.Outputs.Count != 1) throw Wrong(encoder, "has not one input for sound and one output of features");
        IReadOnlyList<Value> graphInputs = decoder.Graph.Inputs;
        for (int i = 0; i < graphInputs.Count; i++) inputOf[graphInputs[i].Name] = i;
        (tokenInput, featureInput, cacheInput) = (Input("input_ids"), Input("encoder_hidden_states"), Input("use_cache_branch"));
        string[] outputs = [.. decoder.Graph.Outputs.Select(o => o.Name)];
        logits = Array.IndexOf(outputs, "logits");
        if (logits < 0) throw Wrong(decoder, "has no output 'logits'");
        inputs = new TensorView[graphInputs.Count];
        empty = new Tensor[graphInputs.Count];
        for (int i = 0; i < empty.Length; i++)
        {
            if (!graphInputs[i].Name.StartsWith(Past, StringComparison.Ordinal)) continue;
            TensorType type = graphInputs[i].Type;
            if (type.Shape.IsUnranked || type.Shape.Rank != 4 || type.Shape[1] < 0 || type.Shape[3] < 0) throw Wrong(decoder, $"has an input '{graphInputs[i].Name}' of the type {type}, where keys or values by head are expected");
            empty[i] = new Tensor(type with { Shape = new Shape(1, type.Shape[1], 0, type.Shape[3]) });
        }
        carried = [.. Enumerable.Range(0, outputs.Length).Where(i => outputs[i].StartsWith(Present, StringComparison.Ordinal)).Select(i => (Input(Past + outputs[i][Present.Length..]), i))];
        for (int i = 0; i < inputs.Length; i++)
            if (i != tokenInput && i != featureInput && i != cacheInput && !Array.Exists(carried, c => c.Input == i)) throw Wrong(decoder, $"has an input '{graphInputs[i].Name}' that nothing feeds");
        encode = new InferenceSession(encoder.Graph, options);
        decode = new InferenceSession(decoder.Graph, options);

        int Input(string name) => inputOf.TryGetValue(name, out int index) ? index : throw Wrong(decoder, $"has no input '{name}'");
    }

    /// <summary>Samples a second that it takes.</summary>
    public int SampleRate => Rate;

    /// <summary>Samples of the longest stretch.</summary>
    public int MostSamples => LongestSeconds * Rate;

    /// <summary>What is said.</summary>
    /// <param name="samples">At most <see cref="MostSamples"/> samples of one channel, between -1 and 1.</param>
    /// <exception cref="ArgumentException">There are too many.</exception>
    public string Recognize(ReadOnlySpan<float> samples)
    {
        if (samples.Length > MostSamples) throw new ArgumentException($"A stretch has at most {MostSamples:N0} samples, not {samples.Length:N0}.", nameof(samples));
        tokens.Clear();
        // Less than a tenth of a second gives the encoder no frame.
        if (samples.Length >= Rate / 10)
        {
            using Tensor sound = Tensor.From(new Shape(1, samples.Length), samples);
            encode.Run([sound.View]);
            Write(encode.Output(0), (int)Math.Ceiling(samples.Length * TokensPerSecond / Rate));
        }
        return vocabulary.Decode(CollectionsMarshal.AsSpan(tokens));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        encode.Dispose();
        decode.Dispose();
    }

    private void Write(TensorView features, int most)
    {
        var kept = new Tensor?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
            if (empty[i] is { } none) inputs[i] = none.View;
        (inputs[tokenInput], inputs[featureInput], inputs[cacheInput]) = (token.View, features, useCache.View);
        for (long next = Start; next != End && tokens.Count < most;)
        {
            token.Span<long>()[0] = next;
            useCache.View.Bytes[0] = (byte)(tokens.Count > 0 ? 1 : 0);
            decode.Run(inputs);
            next = Likeliest(decode.Output(logits).Span<float>());
            tokens.Add(next);
            foreach ((int input, int output) in carried)
            {
                TensorView made = decode.Output(output);
                // What the features give is computed once; afterwards these outputs are empty.
                if (made.Shape.Count == 0) continue;
                kept[input]?.Dispose();
                var copy = new Tensor(made.Type);
                made.Bytes.CopyTo(copy.View.Bytes);
                (kept[input], inputs[input]) = (copy, copy.View);
            }
        }
        foreach (Tensor? tensor in kept) tensor?.Dispose();
    }

    private static long Likeliest(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }

    private static EdgeException Wrong(EdgeModel model, string problem) =>
        new(ErrorCode.WrongTask, $"'{model.Metadata.Name}' {problem}, so it does not write down what is said.", "Take an encoder and a decoder such as moonshine-tiny-encoder and moonshine-tiny-decoder.");
}
