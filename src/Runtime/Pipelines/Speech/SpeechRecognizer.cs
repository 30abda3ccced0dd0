using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// Writes down what is said in a stretch of sound, with an encoder of sound and a decoder of tokens as Moonshine's (Jeffries et al., 2024): the most likely token after each, with keys and values
/// of those before kept, until the model ends the text; at once, or a part at a time. Each stretch has a length of its own, for which it is planned, so this allocates. Not for use by two threads at once.
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
    private readonly Tensor?[] kept;
    private Tensor? sound;
    private Phase phase;
    private long next;
    private int most;

    private enum Phase
    {
        Idle,
        Encode,
        Decode,
    }

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
        kept = new Tensor?[graphInputs.Count];
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

    /// <summary>What is said in the stretch that was written down last.</summary>
    public string Text { get; private set; } = "";

    /// <summary>How often a device failed, so that another one went on, since it was made.</summary>
    public long FailOvers => encode.Faults + decode.Faults;

    /// <summary>What is said.</summary>
    /// <param name="samples">At most <see cref="MostSamples"/> samples of one channel, between -1 and 1.</param>
    /// <exception cref="ArgumentException">There are too many.</exception>
    public string Recognize(ReadOnlySpan<float> samples)
    {
        Begin(samples);
        Advance(TimeBudget.Unlimited);
        return Text;
    }

    /// <summary>Begins with a stretch, of which a copy is taken; what was begun before is given up.</summary>
    /// <param name="samples">At most <see cref="MostSamples"/> samples of one channel, between -1 and 1.</param>
    /// <exception cref="ArgumentException">There are too many.</exception>
    public void Begin(ReadOnlySpan<float> samples)
    {
        if (samples.Length > MostSamples) throw new ArgumentException($"A stretch has at most {MostSamples:N0} samples, not {samples.Length:N0}.", nameof(samples));
        Abandon();
        tokens.Clear();
        // Less than a tenth of a second gives the encoder no frame.
        if (samples.Length < Rate / 10) return;
        sound = Tensor.From(new Shape(1, samples.Length), samples);
        most = (int)Math.Ceiling(samples.Length * TokensPerSecond / Rate);
        phase = Phase.Encode;
    }

    /// <summary>
    /// Does what fits of it, from where the last call ended. The encoder is cut into parts; planning it for the stretch's length, and each token of the decoder, are done on a thread of their own meanwhile.
    /// </summary>
    /// <param name="budget">The time there is.</param>
    /// <returns>True when <see cref="Text"/> is there.</returns>
    public bool Advance(in TimeBudget budget)
    {
        if (phase == Phase.Encode)
        {
            if (!encode.Advance([sound!.View], budget)) return false;
            Listen(encode.Output(0));
        }
        while (phase == Phase.Decode)
        {
            if (!decode.Advance(inputs, budget)) return false;
            Take();
        }
        Text = vocabulary.Decode(CollectionsMarshal.AsSpan(tokens));
        return true;
    }

    /// <summary>Gives up the stretch that was begun, if any.</summary>
    public void Abandon()
    {
        if (phase == Phase.Encode) encode.Abandon();
        if (phase == Phase.Decode) decode.Abandon();
        Finish();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Finish();
        encode.Dispose();
        decode.Dispose();
    }

    /// <summary>Goes over to the decoder, which has written nothing yet.</summary>
    private void Listen(TensorView features)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (empty[i] is { } none) inputs[i] = none.View;
        (inputs[tokenInput], inputs[featureInput], inputs[cacheInput]) = (token.View, features, useCache.View);
        (phase, next) = (Phase.Decode, Start);
        Ask();
    }

    /// <summary>Prepares for the token after the last one.</summary>
    private void Ask()
    {
        token.Span<long>()[0] = next;
        useCache.View.Bytes[0] = (byte)(tokens.Count > 0 ? 1 : 0);
    }

    /// <summary>Takes a token, and keeps what the decoder remembers.</summary>
    private void Take()
    {
        next = Likeliest(decode.Output(logits).Span<float>());
        tokens.Add(next);
        if (next == End || tokens.Count >= most)
        {
            Finish();
            return;
        }
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
        Ask();
    }

    /// <summary>Lets go of what was kept for the stretch.</summary>
    private void Finish()
    {
        phase = Phase.Idle;
        sound?.Dispose();
        sound = null;
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i]?.Dispose();
            kept[i] = null;
        }
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
