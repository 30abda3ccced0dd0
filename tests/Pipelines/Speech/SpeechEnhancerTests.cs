using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Pipelines.Speech;

public class SpeechEnhancerTests
{
    private static readonly SessionOptions Options = new() { Threads = 1, Backend = EdgeRuntime.Backends.BackendKind.Cpu };

    /// <summary>What the model's authors got for the same sound, in 16-bit samples.</summary>
    [Fact]
    public void Gtcrn_gives_the_sound_of_its_authors()
    {
        using LoadedModel model = Load("gtcrn.onnx");
        using var enhancer = new SpeechEnhancer(model.Model, options: Options);
        Assert.Equal((256, 256), (enhancer.HopSamples, enhancer.Delay));
        float[] clean = Enhance(enhancer, SoundFile.Read(Repository.Data("speech", "noisy.wav"), enhancer.SampleRate)), expected = SoundFile.Read(Repository.Data("speech", "noisy_enhanced_gtcrn.wav"), enhancer.SampleRate);
        double signal = 0, noise = 0;
        // What is before the first sample is guessed in another way.
        for (int i = enhancer.SampleRate; i < Math.Min(clean.Length, expected.Length) - enhancer.SampleRate / 4; i++)
        {
            signal += expected[i] * (double)expected[i];
            noise += Math.Pow(clean[i] - (double)expected[i], 2);
        }
        double ratio = 10 * Math.Log10(signal / noise);
        TestContext.Current.TestOutputHelper?.WriteLine($"signal to difference {ratio:0.0} dB");
        Assert.True(ratio > 30, $"{ratio:0.0} dB");
    }

    [Fact]
    public void Dtln_takes_noise_away_and_leaves_speech()
    {
        using LoadedModel first = Load("dtln_1.onnx"), second = Load("dtln_2.onnx");
        using var enhancer = new SpeechEnhancer(first.Model, second.Model, Options);
        Assert.Equal((128, 384), (enhancer.HopSamples, enhancer.Delay));
        float[] speech = SoundFile.Read(Repository.Data("speech", "jfk.wav"), enhancer.SampleRate), noisy = [.. speech];
        var random = new Random(1);
        for (int i = 0; i < noisy.Length; i++) noisy[i] += 0.15f * (random.NextSingle() * 2 - 1);
        double before = Ratio(speech, noisy), after = Ratio(speech, Enhance(enhancer, noisy));
        TestContext.Current.TestOutputHelper?.WriteLine($"signal to noise {before:0.0} dB, afterwards {after:0.0}");
        Assert.True(after > before + 3, $"{before:0.0} dB, afterwards {after:0.0}");

        enhancer.Reset();
        Assert.Equal(Enhance(enhancer, noisy).Length, noisy.Length);
        float[] hop = new float[enhancer.HopSamples], clean = new float[enhancer.HopSamples];
        Assert.Equal(0, Allocations.Least(() => enhancer.Process(hop, clean)));
    }

    [Fact]
    public void Two_models_that_do_not_fit_are_refused()
    {
        using LoadedModel first = Load("dtln_1.onnx"), other = Load("gtcrn.onnx");
        Assert.Contains("frames", Assert.Throws<Diagnostics.EdgeException>(() => new SpeechEnhancer(first.Model, other.Model, Options)).Message, StringComparison.Ordinal);
    }

    private static double Ratio(float[] speech, float[] heard)
    {
        double signal = 0, noise = 0;
        for (int i = 0; i < Math.Min(speech.Length, heard.Length) - 16000; i++)
        {
            signal += speech[i] * (double)speech[i];
            noise += Math.Pow(heard[i] - (double)speech[i], 2);
        }
        return 10 * Math.Log10(signal / noise);
    }

    /// <summary>The whole sound, in its place in time.</summary>
    private static float[] Enhance(SpeechEnhancer enhancer, float[] sound)
    {
        float[] result = new float[sound.Length + enhancer.Delay], hop = new float[enhancer.HopSamples], clean = new float[enhancer.HopSamples];
        for (int from = 0; from < result.Length; from += hop.Length)
        {
            hop.AsSpan().Clear();
            if (from < sound.Length) sound.AsSpan(from, Math.Min(hop.Length, sound.Length - from)).CopyTo(hop);
            enhancer.Process(hop, clean);
            clean.AsSpan(0, Math.Min(hop.Length, result.Length - from)).CopyTo(result.AsSpan(from));
        }
        return result[enhancer.Delay..];
    }

    private static LoadedModel Load(string file) => ModelLoader.Load(Repository.Data("models", file), stop: TestContext.Current.CancellationToken);
}
