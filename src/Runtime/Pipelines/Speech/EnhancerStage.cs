using EdgeRuntime.Format;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Pipelines.Speech;

/// <summary>
/// A model of a <see cref="SpeechEnhancer"/>. Its decoder's kind says what it does to a frame: complex-spectrum changes real and imaginary parts, under the square root of a Hann window on both ways;
/// magnitude-mask gives a factor for each magnitude; waveform takes the samples as they are.
/// </summary>
internal sealed class EnhancerStage : IDisposable
{
    private enum Kind
    {
        ComplexSpectrum,
        MagnitudeMask,
        Waveform,
    }

    private readonly Kind kind;
    private readonly InferenceSession session;
    private readonly StateLoop state;
    private readonly int input, output;
    private readonly RealFourier? fourier;
    private readonly float[] window = [], shaped = [], real = [], imaginary = [];

    public EnhancerStage(EdgeModel model, SessionOptions? options)
    {
        ModelTask.Require(model.Metadata, SpeechEnhancer.Task);
        SoundInput sound = model.Metadata.Sound ?? throw SoundModel.Wrong(model, "does not say how sound becomes its input");
        kind = model.Metadata.Decoder?.Kind switch
        {
            "complex-spectrum" => Kind.ComplexSpectrum,
            "magnitude-mask" => Kind.MagnitudeMask,
            "waveform" => Kind.Waveform,
            var other => throw SoundModel.Wrong(model, $"says that it does '{other}' to a frame, which is not known"),
        };
        (Hop, Frame, SampleRate) = (sound.Samples, sound.Samples + sound.Context, sound.SampleRate);
        if (sound.Samples < 1 || sound.Context < 0 || Frame is < 4 or > 1 << 16 || SampleRate < 1 || (kind != Kind.Waveform && !int.IsPow2(Frame)))
            throw SoundModel.Wrong(model, $"says that its frames have {Frame:N0} samples, one each {Hop:N0}; a power of two is needed for spectra");
        session = new InferenceSession(model.Graph, options);
        try
        {
            input = session.InputIndex(sound.Input);
            output = session.OutputIndex(model.Metadata.Decoder!.Outputs.TryGetValue("enhanced", out string? name) ? name : throw SoundModel.Wrong(model, "does not say which output is 'enhanced'"));
            int numbers = kind switch
            {
                Kind.ComplexSpectrum => Frame + 2,
                Kind.MagnitudeMask => Frame / 2 + 1,
                _ => Frame,
            };
            foreach (TensorType type in (TensorType[])[session.Input(input).Type, session.Output(output).Type])
                if (type.DataType != DataType.F32 || type.Shape.Count != numbers) throw SoundModel.Wrong(model, $"has {type}, where {numbers} floats are expected");
            state = new StateLoop(model.Metadata, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        if (kind == Kind.Waveform) return;
        fourier = new RealFourier(Frame);
        (window, shaped, real, imaginary) = (new float[Frame], new float[Frame], new float[fourier.Frequencies], new float[fourier.Frequencies]);
        // The square root of a Hann window, which is half a wave: applied on both ways, frames that overlap by half add up to one.
        for (int i = 0; i < Frame; i++) window[i] = kind == Kind.ComplexSpectrum ? (float)Math.Sin(Math.PI * i / Frame) : 1;
    }

    /// <summary>Samples from one frame to the next.</summary>
    public int Hop { get; }

    /// <summary>Samples of a frame.</summary>
    public int Frame { get; }

    /// <summary>Samples a second.</summary>
    public int SampleRate { get; }

    /// <summary>Writes a frame without its noise; both may be the same memory.</summary>
    public void Process(ReadOnlySpan<float> frame, Span<float> clean)
    {
        Span<float> given = session.Input(input).Span<float>();
        if (fourier is null)
        {
            frame.CopyTo(given);
            Run();
            session.Output(output).Span<float>().CopyTo(clean);
            return;
        }
        for (int i = 0; i < shaped.Length; i++) shaped[i] = frame[i] * window[i];
        fourier.Forward(shaped, real, imaginary);
        for (int k = 0; k < real.Length; k++)
        {
            if (kind == Kind.ComplexSpectrum) (given[2 * k], given[2 * k + 1]) = (real[k], imaginary[k]);
            else given[k] = MathF.Sqrt(real[k] * real[k] + imaginary[k] * imaginary[k]);
        }
        Run();
        ReadOnlySpan<float> made = session.Output(output).Span<float>();
        for (int k = 0; k < real.Length; k++)
        {
            if (kind == Kind.ComplexSpectrum) (real[k], imaginary[k]) = (made[2 * k], made[2 * k + 1]);
            else (real[k], imaginary[k]) = (real[k] * made[k], imaginary[k] * made[k]);
        }
        fourier.Inverse(real, imaginary, clean);
        for (int i = 0; i < window.Length; i++) clean[i] *= window[i];
    }

    /// <summary>Forgets what was heard.</summary>
    public void Reset() => state.Reset();

    public void Dispose() => session.Dispose();

    private void Run()
    {
        session.Run();
        state.Advance();
    }
}
