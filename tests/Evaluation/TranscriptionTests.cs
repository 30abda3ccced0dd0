using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime.Sounds;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Evaluation.Transcription;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

public class TranscriptionTests
{
    [Fact]
    public void Tokens_become_text()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "v.js");
        string[] tokens = [.. Enumerable.Range(0, 32000).Select(i => i switch { 0 => "<unk>", 1 => "<s>", 2 => "</s>", 3 => "<0xC3>", 4 => "<0xA9>", 5 => "▁caf", 6 => "▁noir", 7 => "<0xZZ>", _ => $"t{i}" })];
        File.WriteAllText(path, $"const llama_vocab_base64 = \"{Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Join('\n', tokens)))}\"");
        Assert.Equal("café noir<0xZZ>t31999", LlamaVocabulary.Read(path).Decode([1, 5, 3, 4, 6, 7, 31999, 32000, -1, 2]));
        foreach (string code in new[] { "", "const llama_vocab_base64 = \"", "const llama_vocab_base64 = \"!!\"", "const llama_vocab_base64 = \"YQ==\"" })
        {
            File.WriteAllText(path, code);
            Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => LlamaVocabulary.Read(path)).Code);
        }
    }

    [Fact]
    public void Moonshine_writes_what_is_said()
    {
        string sound = Repository.Data("speech", "jfk.wav");
        Assert.SkipUnless(ModelCache.Default.Find(ModelZoo.Default.GetTool("llama-tokenizer")) is not null, "the vocabulary is not on this machine: edgert eval moonshine-tiny-encoder fetches it");
        string[] names = ["moonshine-tiny-encoder", "moonshine-tiny-decoder"];
        Assert.SkipUnless(names.All(name => ModelCache.Default.Find(ModelZoo.Default.Get(name)) is not null), "Moonshine is not on this machine: `edgert models pull moonshine-tiny-encoder` and -decoder");
        CancellationToken stop = TestContext.Current.CancellationToken;
        using LoadedModel encoder = ModelLoader.Load(names[0], stop: stop), decoder = ModelLoader.Load(names[1], stop: stop);
        using var recognizer = new SpeechRecognizer(encoder.Model, decoder.Model, LlamaVocabulary.Load(stop: stop), new SessionOptions { Threads = 1 });
        // Commas depend on the last bits of sums, which are another on each machine.
        Assert.Equal("And so my fellow Americans ask not what your country can do for you ask what you can do for your country.",
            recognizer.Recognize(SoundFile.Read(sound, recognizer.SampleRate)).Replace(",", "", StringComparison.Ordinal));
    }
}
